"""``imgflow run --dry-run``: the files that would be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.figures import count_text
from imgflow.cli.printing import flush, print_error, print_json, print_line
from imgflow.errors import ImgflowError
from imgflow.job import Failure
from imgflow.preview import Preview, preview

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Job
    from imgflow.limits import Limits
    from imgflow.storage import Storage


def show_plan(
    jobs: Iterable[Job], storage: Storage, limits: Limits, *, as_json: bool, quiet: bool
) -> int:
    """Print what each job would make, from headers alone, and return the exit code."""
    images = files = failed = 0
    for job in jobs:
        plan = _plan(job, storage, limits)
        images += 1
        files += len(plan.outputs)
        failed += plan.status == "failed"
        if as_json:
            print_json(plan)
        elif plan.error:
            print_error(f"failed: {plan.error.message} [{plan.error.code}]")
        elif not quiet:
            _print_plan(plan)
    if not as_json and not quiet:
        print_line(f"{count_text(images, 'image')}, {count_text(files, 'file')} to make")
    flush()
    return exits.FAILED if failed else exits.OK


def _plan(job: Job, storage: Storage, limits: Limits) -> Preview:
    try:
        source = storage.locate(job.input)
    except ImgflowError as error:
        failure = Failure(code=error.code, message=error.message, retryable=error.retryable)
        return Preview(status="failed", input=job.input, error=failure)
    return preview(job, source, limits)


def _print_plan(plan: Preview) -> None:
    print_line(f"{plan.input}  {plan.width}x{plan.height}")
    for file in plan.outputs:
        print_line(f"  -> {file.path}  {file.width}x{file.height} {file.format}")
