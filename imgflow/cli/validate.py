"""``imgflow validate``: find what is wrong with a recipe."""

from typing import Annotated

import typer

from imgflow.cli import exits
from imgflow.cli.options import AsJson, Out, Sets, parse_sets

Names = Annotated[
    list[str], typer.Argument(metavar="RECIPE", help="Recipe files, or names of recipes.")
]


def validate(names: Names, *, out: Out = None, sets: Sets = None, as_json: AsJson = False) -> int:
    """Check recipes and show all that is wrong with them."""
    values = parse_sets(sets)
    codes = [_validate(name, out, values, as_json=as_json) for name in names]
    return max(codes)


def _validate(name: str, out: str | None, sets: dict[str, str], *, as_json: bool) -> int:
    from imgflow.cli.failing import report_error
    from imgflow.cli.printing import print_json, print_line, print_page
    from imgflow.errors import RecipeError
    from imgflow.recipe import RecipeInvalid, load_recipe, render_problems
    from imgflow.wording import count_text

    try:
        recipe = load_recipe(name, sets=sets, out=out)
    except RecipeError as error:
        if not as_json:
            return report_error(error, as_json=False)
        problems = error.problems if isinstance(error, RecipeInvalid) else ()
        failure = {"code": error.code, "message": error.message}
        print_json({"recipe": name, "valid": False, "error": failure, "problems": problems})
        return exits.USAGE
    if as_json:
        problems = recipe.warnings
        print_json({"recipe": name, "valid": True, "error": None, "problems": problems})
    else:
        if recipe.warnings:
            print_page(render_problems(recipe.warnings, recipe.sources))
        files = count_text(len(recipe.outputs), "file")
        print_line(f"{recipe.file}: valid, {files} for each image")
    return exits.OK
