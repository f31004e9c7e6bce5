"""``imgflow markup``: the HTML of what a manifest tells of."""

from typing import Annotated

import typer

from imgflow.cli.options import AsJson

Path = Annotated[str, typer.Argument(metavar="MANIFEST", help="The manifest.json of a run.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAMES]...", help="Sources, as the manifest calls them. Default: all."),
]
Sizes = Annotated[
    str | None,
    typer.Option(metavar="SIZES", help="How wide pictures are shown: '50vw', '(max-width: ...'."),
]
Base = Annotated[
    str, typer.Option(metavar="URL", help="What goes before paths: '/static', 'https://...'.")
]
Write = Annotated[
    str | None,
    typer.Option("--write", metavar="FOLDER", help="Write a file NAME.html for each source."),
]


def markup(  # noqa: PLR0913 - the options of a command
    manifest: Path,
    names: Names = None,
    *,
    sizes: Sizes = None,
    base: Base = "",
    write: Write = None,
    as_json: AsJson = False,
) -> None:
    """Print or write the HTML of pictures in a manifest.

    Browsers choose from all formats and widths of an element <picture>.
    """
    import sys

    from imgflow.cli.printing import print_line
    from imgflow.manifest import chosen, html_partials, json_markup, read_manifest, write_partials
    from imgflow.storage import open_storages

    found = chosen(read_manifest(manifest), names)
    if write is not None:
        for path in write_partials(write, found, open_storages(), sizes=sizes, base=base):
            print_line(path)
    elif as_json:
        sys.stdout.write(json_markup(found, sizes=sizes, base=base).decode())
    else:
        sys.stdout.write("\n".join(html_partials(found, sizes=sizes, base=base).values()))
