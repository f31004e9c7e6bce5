"""``imgflow clean``: files that were made once and are made no more."""

from typing import Annotated

import typer

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

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be removed.")]


def clean(  # noqa: PLR0913 - the options of a command
    recipe: RecipeName,
    inputs: Inputs = None,
    *,
    out: Out = None,
    sets: Sets = None,
    state: State = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> int:
    """Remove files that the recipe made once and makes no more.

    Only what is, byte for byte, as it was made is removed. What was edited since stays.

    Exit code: 0, or 2 the recipe or the command is wrong, 3 some files cannot be removed.
    """
    from imgflow.cli.cleaning import remove_orphans
    from imgflow.cli.failing import show_warnings
    from imgflow.limits import DEFAULT_LIMITS
    from imgflow.machine import this_machine
    from imgflow.project import open_project
    from imgflow.recipe import load_recipe

    loaded = load_recipe(recipe, sets=parse_sets(sets), out=out)
    show_warnings(loaded, hidden=as_json)
    storage = this_machine(DEFAULT_LIMITS).storage()
    with open_project(
        loaded, read_inputs(inputs), storage, state=state, writable=not dry_run
    ) as project:
        return remove_orphans(project, storage, dry_run=dry_run, as_json=as_json)
