"""``imgflow jobs``: look after the jobs of a queue."""

from typing import Annotated

import typer

from imgflow.cli.options import AsJson
from imgflow.cli.queueing import QueueOption, open_queue

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of jobs.")]
SomeIds = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of jobs.")]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The id of a job.")]
BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="The id of a batch.")]
OfBatch = Annotated[str, typer.Option("--batch", metavar="ID", help="Only those of a batch.")]
Code = Annotated[
    str, typer.Option("--code", metavar="CODE", help="Only those with this error code.")
]
OfRecipe = Annotated[
    str, typer.Option("--recipe", metavar="NAME", help="Only those of a recipe, by its name.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")]
All = Annotated[bool, typer.Option("--all", help="All that failed, or all that the filters take.")]

jobs = typer.Typer(help="Look after the jobs of a queue.", no_args_is_help=True)


@jobs.command()
def status(ids: Ids, *, queue: QueueOption = None, as_json: AsJson = False) -> int:
    """Show jobs: state, progress, errors of every run, outputs."""
    from imgflow.cli.job_tables import show_jobs

    return show_jobs(open_queue(queue), ids, as_json=as_json)


@jobs.command()
def show(job_id: JobId, *, queue: QueueOption = None, as_json: AsJson = False) -> int:
    """Show a job as it was queued: its steps, outputs and formats."""
    from imgflow.cli.job_tables import show_definition

    return show_definition(open_queue(queue), job_id, as_json=as_json)


@jobs.command()
def failed(  # noqa: PLR0913 - the options of a command
    *,
    code: Code = "",
    recipe: OfRecipe = "",
    batch: OfBatch = "",
    limit: Limit = 50,
    queue: QueueOption = None,
    as_json: AsJson = False,
) -> int:
    """List the jobs that were given up, the newest first."""
    from imgflow.cli.job_tables import show_failed

    found = open_queue(queue).failed(0, limit, code=code, recipe=recipe, batch=batch)
    return show_failed(found, as_json=as_json)


@jobs.command()
def retry(  # noqa: PLR0913 - the options of a command
    ids: SomeIds = None,
    *,
    everything: All = False,
    code: Code = "",
    recipe: OfRecipe = "",
    batch: OfBatch = "",
    queue: QueueOption = None,
    as_json: AsJson = False,
) -> int:
    """Queue jobs again that failed, were cancelled or expired."""
    from imgflow.cli.job_changes import retry_jobs

    filters = {"code": code, "recipe": recipe, "batch": batch}
    return retry_jobs(open_queue(queue), ids or [], filters, everything=everything, as_json=as_json)


@jobs.command()
def cancel(
    ids: SomeIds = None,
    *,
    batch: OfBatch = "",
    queue: QueueOption = None,
    as_json: AsJson = False,
) -> int:
    """Cancel jobs that wait or are at work."""
    from imgflow.cli.job_changes import cancel_jobs

    return cancel_jobs(open_queue(queue), ids or [], batch, as_json=as_json)


@jobs.command()
def watch(
    batch: BatchId,
    *,
    queue: QueueOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.")] = False,
    as_json: AsJson = False,
) -> int:
    """Follow a batch to its end, as 'imgflow run --queue' does."""
    from imgflow.cli.job_changes import watch_batch

    return watch_batch(queue, batch, as_json=as_json, quiet=quiet)
