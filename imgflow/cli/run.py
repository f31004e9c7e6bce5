"""``imgflow run``: a recipe and images in, files out."""

from __future__ import annotations

import os
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
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Worker processes.  [default: one a core, 2 with S3 or the web]",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be made.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Also make what is there already.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.")]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")]
QueueUrl = Annotated[
    str | None,
    typer.Option(
        "--queue", metavar="URL", help="Have workers do it: redis://host/0, or redis://host/0#name."
    ),
]
Detach = Annotated[bool, typer.Option("--detach", help="With --queue: submit, and do not wait.")]
PriorityOption = Annotated[
    str | None,
    typer.Option("--priority", metavar="P", help="With --queue: high, normal or low."),
]
Ttl = Annotated[
    str | None,
    typer.Option(
        "--ttl", metavar="TIME", help="With --queue: start within 30m, 24h or 7d, or never."
    ),
]


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
    queue: QueueUrl = None,
    detach: Detach = False,
    priority: PriorityOption = None,
    ttl: Ttl = None,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    timeout: Timeout = None,
    memory: Memory = None,
    allow_loader: AllowLoader = None,
) -> int:
    """Run a recipe on images, here or through a queue.

    Exit code: 0 all done, 2 the recipe or the command is wrong, 3 some images failed.
    """
    from imgflow.cli.batch import Batch
    from imgflow.cli.failing import show_warnings
    from imgflow.recipe import expand, load_recipe
    from imgflow.runner import run_jobs
    from imgflow.settings import read_settings
    from imgflow.storage.opening import open_settled

    bounds = Bounds(
        max_megapixels,
        max_total_megapixels,
        max_megabytes,
        timeout,
        memory,
        tuple(allow_loader or ()),
    )
    limits = bounds.limits()
    if queue is not None:
        from imgflow.cli.queueing import refuse_local

        refuse_local(jobs, bounds.arguments())
    else:
        from imgflow.cli.queueing import refuse_queued

        refuse_queued(detach=detach, priority=priority, ttl=ttl)
    loaded = load_recipe(recipe, sets=parse_sets(sets), out=out)
    show_warnings(loaded, hidden=quiet or as_json)
    settings = read_settings(os.environ)
    storage = open_settled(settings.stores, limits, hosts=settings.allow)
    work = expand(loaded, read_inputs(inputs), force=force, storage=storage)
    show_warnings(work, hidden=quiet or as_json)
    if dry_run:
        from imgflow.cli.dry_run import show_plan

        return show_plan(work, storage, limits, as_json=as_json, quiet=quiet)
    batch = Batch(work.total, recipe, _options(out, sets or [], bounds))
    if queue is not None:
        from imgflow.cli.submitting import submit_batch

        sent = submit_batch(queue, work, loaded.name, priority or "normal", ttl)
        if detach:
            return sent.announce(as_json=as_json)
        return sent.watch(batch, as_json=as_json, quiet=quiet, fail_fast=fail_fast)
    return batch.show(
        lambda progress: run_jobs(
            progress.watch(work),
            workers=jobs or settings.jobs,
            limits=limits,
            stores=settings.stores,
            hosts=settings.allow,
            fail_fast=fail_fast,
        ),
        as_json=as_json,
        quiet=quiet,
    )


def _options(out: str | None, sets: list[str], bounds: Bounds) -> list[str]:
    """Return what a command for one of the images needs to do the same."""
    placement = ["--out", out] if out else []
    variables = [part for pair in sets for part in ("--set", pair)]
    return [*placement, *variables, *bounds.arguments()]
