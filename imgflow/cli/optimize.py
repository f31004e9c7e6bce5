"""``imgflow optimize``: the same files in fewer bytes."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgflow.cli.bounds import (
    Bounds,
    MaxMegabytes,
    MaxMegapixels,
    MaxTotalMegapixels,
    Memory,
    Timeout,
)
from imgflow.cli.options import AsJson, Out, read_inputs
from imgflow.cli.run import FailFast, Jobs, Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATHS...",
        help="Files, folders or patterns; '-' reads a list from standard input.",
        show_default=False,
    ),
]
InPlace = Annotated[bool, typer.Option("--in-place", "-i", help="Replace the files themselves.")]
Lossless = Annotated[bool, typer.Option("--lossless", help="Keep every pixel: the default.")]
Quality = Annotated[
    str | None,
    typer.Option(
        metavar="Q",
        help="Compress with loss: good, high, visually-lossless, score:85, or 1 to 100.",
    ),
]
Effort = Annotated[str | None, typer.Option(metavar="E", help="balanced (default) or max.")]
Metadata = Annotated[
    str | None,
    typer.Option(
        metavar="POLICY",
        help="What to keep: copyright (default), none, all, or groups: copyright,exif,gps,xmp.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be saved, and write nothing.")
]


def optimize(  # noqa: PLR0913 - the options of a command
    paths: Paths,
    *,
    in_place: InPlace = False,
    out: Out = None,
    lossless: Lossless = False,
    quality: Quality = None,
    effort: Effort = None,
    metadata: Metadata = None,
    dry_run: DryRun = False,
    jobs: Jobs = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    fail_fast: FailFast = False,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    timeout: Timeout = None,
    memory: Memory = None,
) -> int:
    """Make files smaller, losslessly unless a quality is named.

    Nothing ever grows, and a second run finds nothing to do. Without --in-place and --out,
    what would be saved is shown, and nothing is written.

    Exit code: 0 all done, 2 the command is wrong, 3 some images failed.
    """
    from imgflow.cli.gains import Optimization
    from imgflow.cli.optimizing import Wish, plan_jobs
    from imgflow.machine import this_machine
    from imgflow.runner.errand import EXECUTE, REHEARSAL

    bounds = Bounds(max_megapixels, max_total_megapixels, max_megabytes, timeout, memory)
    said = {"quality": quality, "effort": effort, "metadata": metadata, "out": out}
    wish = Wish.parse(said, lossless=lossless, in_place=in_place)
    machine = this_machine(bounds.limits(), jobs)
    work = plan_jobs(read_inputs(paths) or [], wish, machine.storage())
    writes = not dry_run and (in_place or out is not None)
    batch = Optimization(
        work.total, "", [*_options(said, in_place=in_place), *bounds.arguments()], writes=writes
    )
    return batch.show(
        lambda progress: machine.work(
            progress.watch(work), fail_fast=fail_fast, how=EXECUTE if writes else REHEARSAL
        ),
        as_json=as_json,
        quiet=quiet,
    )


def _options(said: dict[str, Any], *, in_place: bool) -> "Iterator[str]":
    """Yield the options again, as they stand on a command line."""
    for name, value in said.items():
        if value is not None:
            yield from (f"--{name}", value)
    if in_place:
        yield "--in-place"
