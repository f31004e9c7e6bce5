"""``imgflow explain``: what a recipe comes to, and where each value was said."""

from imgflow.cli.options import AsJson, Out, RecipeName, Sets, parse_sets


def explain(
    recipe: RecipeName, *, out: Out = None, sets: Sets = None, as_json: AsJson = False
) -> None:
    """Show all values of a recipe and their origins."""
    import msgspec

    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_json
    from imgflow.recipe import explain as list_origins
    from imgflow.recipe import load_recipe

    values = list_origins(load_recipe(recipe, sets=parse_sets(sets), out=out))
    if as_json:
        print_json([value._asdict() for value in values])
        return
    shown = [
        (f"{value.path}: {msgspec.json.encode(value.value).decode()}", value.origin)
        for value in values
    ]
    print_columns([(left, f"# {origin}") for left, origin in shown], widest=56)
