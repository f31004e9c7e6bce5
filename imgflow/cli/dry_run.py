"""``imgflow run --dry-run``: the files that would be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.printing import flush, print_error, print_json, print_line
from imgflow.errors import ImgflowError
from imgflow.job import Failure
from imgflow.preview import Preview, preview
from imgflow.wording import count_text

if TYPE_CHECKING:
    from imgflow.cli.opening import Opened
    from imgflow.job import Job
    from imgflow.limits import Limits
    from imgflow.storage import Storage


def show_files(found: Opened, *, as_json: bool, quiet: bool) -> int:
    """Print what each job would make that is not up to date, and return the exit code."""
    project, machine, storage = found
    images = files = failed = kept = 0
    for step in project.steps():
        if step.verdict.action == "keep":
            kept += 1
            continue
        plan = foresee(step.job, storage, machine.limits)
        images += 1
        files += len(plan.outputs)
        failed += plan.status == "failed"
        if as_json:
            print_json(plan)
        elif plan.error:
            print_error(f"failed: {plan.error.message} [{plan.error.code}]")
        elif not quiet:
            print_line(f"{plan.input}  {plan.width}x{plan.height}")
            print_files(plan)
    if not as_json and not quiet:
        same = f", {count_text(kept, 'image')} up to date" if kept else ""
        print_line(f"{count_text(images, 'image')}, {count_text(files, 'file')} to make{same}")
    flush()
    return exits.FAILED if failed else exits.OK


def foresee(job: Job, storage: Storage, limits: Limits) -> Preview:
    """Return what a job would make, or why it could not."""
    try:
        source = storage.locate(job.input)
    except ImgflowError as error:
        failure = Failure(code=error.code, message=error.message, retryable=error.retryable)
        return Preview(status="failed", input=job.input, error=failure)
    return preview(job, source, limits)


def print_files(plan: Preview) -> None:
    """Print a line for each file."""
    for file in plan.outputs:
        print_line(f"  -> {file.path}  {file.width}x{file.height} {file.format}")
