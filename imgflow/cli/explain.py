"""``imgflow explain``: what a recipe comes to, and where each value was said."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from imgflow.cli.options import AsJson, Out, RecipeName, Sets, parse_sets

if TYPE_CHECKING:
    from imgflow.recipe import Origin

SourceName = Annotated[
    str | None,
    typer.Argument(
        metavar="[SOURCE]", help="Show what holds for this image, with its overrides and sidecar."
    ),
]


def explain(
    recipe: RecipeName,
    source: SourceName = None,
    *,
    out: Out = None,
    sets: Sets = None,
    as_json: AsJson = False,
) -> None:
    """Show all values of a recipe and where they come from."""
    from imgflow.cli.printing import print_json
    from imgflow.recipe import explain as list_origins
    from imgflow.recipe import explain_source, load_recipe

    loaded = load_recipe(recipe, sets=parse_sets(sets), out=out)
    texts: Mapping[str, str] = loaded.sources
    if source is None:
        values = list_origins(loaded)
    else:
        values, texts = explain_source(loaded, source)
    if as_json:
        print_json([value._asdict() for value in values])
    else:
        _print(values, _short_names(texts))


def _print(values: "list[Origin]", names: dict[str, str]) -> None:
    import msgspec

    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_line

    for file, name in names.items():
        if name != file:
            print_line(f"# {name} is {file}")
    rows = []
    for value in values:
        file, colon, line = value.origin.rpartition(":")
        said = f"# {names.get(file, file)}{colon}{line}"
        rows.append((f"{value.path}: {msgspec.json.encode(value.value).decode()}", said))
    print_columns(rows, widest=56)


def _short_names(files: Iterable[str]) -> dict[str, str]:
    """Return files by what to call them: without their folders, unless two are called alike."""
    names = {file: os.path.basename(file) for file in files}
    count = Counter(names.values())
    return {file: name if count[name] == 1 else file for file, name in names.items()}
