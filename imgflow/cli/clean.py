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
    from imgflow.cli.opening import Asked, opened

    asked = Asked(recipe, inputs, out, sets, state)
    with opened(asked, writable=not dry_run, hidden=as_json) as (project, _, storage):
        return remove_orphans(project, storage, dry_run=dry_run, as_json=as_json)
