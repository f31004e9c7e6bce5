"""``imgflow plan``: what a run would do, and why."""

from imgflow.cli.options import (
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
) -> int:
    """Show what a run would create, update and keep, and why.

    Files that were made once and are made no more are shown as orphaned: 'imgflow clean' removes
    them. Nothing is written.

    Exit code: 0, or 2 the recipe or the command is wrong, 3 some images cannot be used.
    """
    from imgflow.cli.opening import Asked, opened
    from imgflow.cli.planning import show_plan

    asked = Asked(recipe, inputs, out, sets, state)
    with opened(asked, force=force, hidden=as_json) as (project, _, storage):
        return show_plan(project, storage, as_json=as_json)
