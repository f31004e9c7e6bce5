"""``imgflow run``: a recipe and images in, files out."""

from typing import Annotated

import typer

from imgflow.cli.bounds import (
    Bounds,
    MaxMegabytes,
    MaxMegapixels,
    MaxTotalMegapixels,
    Memory,
    Timeout,
)
from imgflow.cli.options import (
    AllowLoader,
    AsJson,
    Inputs,
    Out,
    RecipeName,
    Sets,
    parse_sets,
    read_inputs,
)

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, metavar="N", help="Worker processes.  [default: one a core]"
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be made.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Also make what is there already.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.")]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")]


def run(  # noqa: PLR0913 - the options of a command
    recipe: RecipeName,
    inputs: Inputs = None,
    *,
    out: Out = None,
    sets: Sets = None,
    jobs: Jobs = None,
    dry_run: DryRun = False,
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    fail_fast: FailFast = False,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    timeout: Timeout = None,
    memory: Memory = None,
    allow_loader: AllowLoader = None,
) -> int:
    """Run a recipe on images.

    Exit code: 0 all done, 2 the recipe or the command is wrong, 3 some images failed.
    """
    from imgflow.cli.failing import show_warnings
    from imgflow.recipe import expand, load_recipe

    bounds = Bounds(
        max_megapixels,
        max_total_megapixels,
        max_megabytes,
        timeout,
        memory,
        tuple(allow_loader or ()),
    )
    limits = bounds.limits()
    loaded = load_recipe(recipe, sets=parse_sets(sets), out=out)
    show_warnings(loaded, hidden=quiet or as_json)
    work = expand(loaded, read_inputs(inputs), force=force)
    if dry_run:
        from imgflow.cli.dry_run import show_plan

        return show_plan(work, limits, as_json=as_json, quiet=quiet)
    from imgflow.cli.batch import Batch

    batch = Batch(work, limits, recipe, _options(out, sets or [], bounds))
    return batch.run(jobs, as_json=as_json, quiet=quiet, fail_fast=fail_fast)


def _options(out: str | None, sets: list[str], bounds: Bounds) -> list[str]:
    """Return what a command for one of the images needs to do the same."""
    placement = ["--out", out] if out else []
    variables = [part for pair in sets for part in ("--set", pair)]
    return [*placement, *variables, *bounds.arguments()]
