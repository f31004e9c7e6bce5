"""Jobs that are tried but for the encoding: whether they can be done is known, nothing changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgflow.encoders import ENCODERS
from imgflow.errors import ImgflowError
from imgflow.fitting import check
from imgflow.image import check_decodes, open_picture
from imgflow.job import Failure, Result
from imgflow.preview import preview

if TYPE_CHECKING:
    from imgflow.job import Job
    from imgflow.limits import Limits
    from imgflow.preview import Preview
    from imgflow.runner.attempt import Progress
    from imgflow.source import Source
    from imgflow.storage import Storage


def prove(
    job: Job,
    storage: Storage,
    limits: Limits,
    progress: Progress | None = None,  # noqa: ARG001 - what is done of a job has no steps
) -> Result:
    """Decode a whole source and plan all files; fail as ``execute`` would, and write nothing.

    The result of what succeeds has no outputs. Never raises an ImgflowError.
    """
    started = time.perf_counter()
    size, error = 0, None
    try:
        source = storage.read(job.input)
        size = source.size
        plan = preview(job, source, limits)
        error = plan.error
        if error is None:
            _decode(source, plan, limits)
    except ImgflowError as raised:
        error = Failure(code=raised.code, message=raised.message, retryable=raised.retryable)
    return Result(
        status="failed" if error else "completed",
        input=job.input,
        input_bytes=size,
        error=error,
        seconds=time.perf_counter() - started,
    )


def _decode(source: Source, plan: Preview, limits: Limits) -> None:
    """Raise what is wrong with the pixels of a source, or what no file could hold."""
    picture = open_picture(source, limits, orient=False)
    for file in plan.outputs:
        if file.format in ENCODERS:
            sized = picture.replace(width=file.width, height=file.height)
            check(sized, ENCODERS[file.format]())
    check_decodes(source, picture.origin.format)
