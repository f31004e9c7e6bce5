"""``imgflow plan``: what a run would do, and why."""

from imgflow.cli.bounds import Bounds, MaxMegabytes, MaxMegapixels, MaxTotalMegapixels
from imgflow.cli.options import (
    AllowLoader,
    AsJson,
    Inputs,
    Out,
    RecipeName,
    Sets,
    State,
)
from imgflow.cli.run import Force


def plan(  # noqa: PLR0913 - the options of a command
    recipe: RecipeName,
    inputs: Inputs = None,
    *,
    out: Out = None,
    sets: Sets = None,
    state: State = None,
    force: Force = False,
    as_json: AsJson = False,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    allow_loader: AllowLoader = None,
) -> int:
    """Show what a run would create, update and keep, and why.

    Files that were made once and are made no more are shown as orphaned: 'imgflow clean' removes
    them. Nothing is written.

    Exit code: 0, or 2 the recipe or the command is wrong, 3 some images cannot be used.
    """
    from imgflow.cli.opening import Asked, opened
    from imgflow.cli.planning import show_plan

    loaders = tuple(allow_loader or ())
    bounds = Bounds(max_megapixels, max_total_megapixels, max_megabytes, allow_loader=loaders)
    asked = Asked(recipe, inputs, out, sets, state)
    with opened(asked, force=force, limits=bounds.limits(), hidden=as_json) as found:
        return show_plan(found, as_json=as_json)
