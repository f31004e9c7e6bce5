"""``imgflow init``: a recipe to start from."""

from importlib.resources import files
from typing import Annotated

import typer

File = Annotated[str, typer.Argument(metavar="[FILE]", help="Where to write the recipe.")]


def init(file: File = "recipe.yaml") -> None:
    """Write a commented recipe to start from. A file that is there is left alone."""
    import os

    from imgflow.cli.printing import print_line, shell_word
    from imgflow.errors import StorageError, UsageError
    from imgflow.recipe.library import data_folder

    schema = os.path.join(data_folder("schema"), "recipe.schema.json")
    text = files("imgflow.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        if folder := os.path.dirname(file):
            os.makedirs(folder, exist_ok=True)
        with open(file, "x", encoding="utf-8") as target:
            target.write(text.replace("SCHEMA", schema))
    except OSError as error:
        if not os.path.isfile(file):
            message = f"{file}: cannot be written: {error.strerror}"
            raise StorageError(message, code="write-failed") from error
        message = f"{file}: expected no file, found one; name another, or remove it"
        raise UsageError(message, code="file-exists") from error
    print_line(f"{file}: written; try it with: imgflow run {shell_word(file)} PHOTOS")
