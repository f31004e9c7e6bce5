"""``imgflow run``: a recipe and images in, files out."""

from __future__ import annotations

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
    State,
    repeat_options,
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
Report = Annotated[
    str | None,
    typer.Option(metavar="FILE.html", help="Write a page with every image before and after."),
]
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
    state: State = None,
    jobs: Jobs = None,
    dry_run: DryRun = False,
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    fail_fast: FailFast = False,
    report: Report = None,
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

    What is up to date is not made again, unless workers of a queue do it.

    Exit code: 0 all done, 1 over budget, 2 the recipe or the command is wrong, 3 some images
    failed.
    """
    from imgflow.cli.batch import Batch
    from imgflow.cli.finishing import run_here
    from imgflow.cli.opening import Asked, opened
    from imgflow.cli.printing import print_error
    from imgflow.cli.queueing import refuse_local, refuse_queued
    from imgflow.cli.reporting import page_of

    loaders = tuple(allow_loader or ())
    bounds = Bounds(max_megapixels, max_total_megapixels, max_megabytes, timeout, memory, loaders)
    if queue is None:
        refuse_queued(detach=detach, priority=priority, ttl=ttl)
    else:
        given = {"jobs": jobs, "state": state, "report": report}
        refuse_local(given, bounds.arguments())
    asked = Asked(recipe, inputs, out, sets, state)
    again = [*repeat_options(out, sets, state), *bounds.arguments()]
    hidden = quiet or as_json
    if queue is not None and not dry_run:
        from imgflow.cli.submitting import Order, run_there

        order = Order(queue, priority or "normal", ttl, force=force, detach=detach)
        return run_there(asked, order, again, fail_fast=fail_fast, as_json=as_json, quiet=quiet)
    limits = bounds.limits()
    with opened(
        asked, force=force, writable=not dry_run, limits=limits, workers=jobs, hidden=hidden
    ) as found:
        if dry_run:
            from imgflow.cli.dry_run import show_files

            return show_files(found, as_json=as_json, quiet=quiet)
        if found.project.forgetful and not hidden:
            print_error(f"warning: {found.project.forgetful}")
        page = page_of(report, found)
        batch = Batch(found.project.jobs.total, recipe, again)
        return run_here(found, batch, page, fail_fast=fail_fast, as_json=as_json, quiet=quiet)
