"""One job, whatever comes of it; and the results of jobs that nobody could finish."""

from __future__ import annotations

import os
import signal
import traceback
from typing import TYPE_CHECKING

from imgflow.job import Failure, Result
from imgflow.limits import MEGA
from imgflow.settings import debugging

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.job import Job
    from imgflow.limits import Limits
    from imgflow.storage import Storage

    Progress = Callable[[int], None]
    #: What :func:`imgflow.execute.execute` is, and what may stand in for it.
    Work = Callable[[Job, Storage, Limits, Progress | None], Result]


def attempt(
    work: Work, job: Job, storage: Storage, limits: Limits, progress: Progress | None = None
) -> Result:
    """Do the work of a job; an error that is a bug of ours costs this image, and not the batch.

    Its traceback goes to standard error, of a worker process too, if IMGFLOW_DEBUG is set.
    """
    try:
        return work(job, storage, limits, progress)
    except Exception as error:  # noqa: BLE001 - a bug, told as one
        if debugging(os.environ):
            traceback.print_exception(error)
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        what = f"{type(error).__name__}: {error} ({where})"
        hint = "please report it, with what IMGFLOW_DEBUG=1 shows"
        message = f"{job.input}: imgflow itself failed: {what}; {hint}"
        return lost(job, "internal-error", message)


def misnamed(job: Job) -> Result | None:
    """Return a failure if the name of the source is no text, which JSON cannot carry."""
    try:
        job.input.encode()
    except UnicodeEncodeError:
        name = os.fsencode(job.input).decode(errors="backslashreplace")
        message = f"{name}: expected a file name in UTF-8, found other bytes; rename the file"
        failure = Failure(code="source-bad-name", message=message)
        return Result(status="failed", input=name, error=failure)
    return None


def timed_out(job: Job, limits: Limits) -> Result:
    """Return the result of a job that took too long."""
    message = (
        f"{job.input}: expected to be done in {limits.seconds:g} s, was not; "
        "raise the limit with --timeout"
    )
    return lost(job, "worker-timeout", message)


def outgrown(job: Job, limits: Limits) -> Result:
    """Return the result of a job that took too much memory."""
    message = (
        f"{job.input}: expected to need at most {limits.memory_bytes // MEGA} MB of memory, "
        "needed more; raise the limit with --memory"
    )
    return lost(job, "worker-memory", message)


def lost(job: Job, code: str, message: str) -> Result:
    """Return a failed result."""
    return Result(status="failed", input=job.input, error=Failure(code=code, message=message))


def describe_end(exitcode: int) -> str:
    """Name the signal or the exit code that ended a process."""
    if exitcode >= 0:
        return f"exit code {exitcode}"
    name = signal.Signals(-exitcode).name
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"signal {name}{hint}"
