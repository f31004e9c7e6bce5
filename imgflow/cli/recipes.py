"""``imgflow recipes``: what can be run by its name."""

from imgflow.cli.options import AsJson


def recipes(*, as_json: AsJson = False) -> None:
    """List the named recipes.

    They are looked for in ./recipes, in the folders of IMGFLOW_RECIPES, and in imgflow itself.
    """
    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_json
    from imgflow.recipe import list_recipes

    found = list_recipes()
    if as_json:
        print_json([recipe._asdict() for recipe in found])
    else:
        print_columns([(recipe.name, recipe.description or recipe.path) for recipe in found])
