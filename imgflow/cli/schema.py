"""``imgflow schema``: JSON Schema for editors and other programs."""

from typing import Annotated

import typer

from imgflow.cli import exits

Name = Annotated[
    str, typer.Argument(metavar="[NAME]", help="recipe, job, result or request.  [default: recipe]")
]
Write = Annotated[bool, typer.Option("--write", help="Write all schemas into the folder.")]
Check = Annotated[bool, typer.Option("--check", help="Tell which files of the folder are stale.")]
Folder = Annotated[str, typer.Option("--folder", metavar="FOLDER", help="Where the files are.")]


def schema(
    name: Name = "recipe", *, write: Write = False, check: Check = False, folder: Folder = "schema"
) -> int:
    """Print a JSON Schema, or write or check its files.

    Exit code of --check: 0 all up to date, 1 some are stale.
    """
    import difflib
    import sys

    from imgflow.cli.printing import print_line
    from imgflow.errors import UsageError
    from imgflow.recipe.publish import schema_text, stale_schemas, write_schemas
    from imgflow.request import schemas

    known = schemas()
    if check:
        stale = stale_schemas(folder, known)
        for path in stale:
            print_line(f"{path}: out of date; run: imgflow schema --write --folder {folder}")
        return exits.STALE if stale else exits.OK
    if write:
        for path in write_schemas(folder, known):
            print_line(path)
        return exits.OK
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(known)}"
        message = f"no schema is called '{name}'; {advice}"
        raise UsageError(message, code="unknown-schema")
    sys.stdout.write(schema_text(known[name]))
    return exits.OK
