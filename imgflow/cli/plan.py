"""``imgflow plan``: what a run would do, and why."""

from imgflow.cli.options import (
    AsJson,
    Inputs,
    Out,
    RecipeName,
    Sets,
    State,
    parse_sets,
    read_inputs,
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
    from imgflow.cli.failing import show_warnings
    from imgflow.cli.planning import show_plan
    from imgflow.limits import DEFAULT_LIMITS
    from imgflow.machine import this_machine
    from imgflow.project import open_project
    from imgflow.recipe import load_recipe

    loaded = load_recipe(recipe, sets=parse_sets(sets), out=out)
    show_warnings(loaded, hidden=as_json)
    storage = this_machine(DEFAULT_LIMITS).storage()
    with open_project(
        loaded, read_inputs(inputs), storage, state=state, force=force, writable=False
    ) as project:
        show_warnings(project, hidden=as_json)
        return show_plan(project, storage, as_json=as_json)
