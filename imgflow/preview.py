"""What a job would make: paths and sizes, told from headers, with nothing written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from imgflow.errors import ImgflowError, OperationError
from imgflow.image import check_decodes, open_picture
from imgflow.job import Failure
from imgflow.libvips import libvips
from imgflow.naming import render_path
from imgflow.operations import apply_steps, outline_steps, parse_steps
from imgflow.target import take_aim

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.job import Job
    from imgflow.limits import Limits
    from imgflow.operations import Operation
    from imgflow.source import Source
    from imgflow.target import Target


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A file that would be made: its path, format and size in pixels."""

    path: str
    format: str
    width: int
    height: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one source, or why nothing would."""

    status: Literal["planned", "failed"]
    input: str
    width: int = 0
    height: int = 0
    outputs: tuple[Planned, ...] = ()
    error: Failure | None = None


def preview(job: Job, source: Source, limits: Limits) -> Preview:
    """Plan a job without encoding anything.

    Pixels are computed only for steps whose size depends on them (``trim``). Raises
    nothing: what is wrong with the source is in the preview.
    """
    try:
        picture = open_picture(source, limits, orient=job.orient)
        planned = _plan_all(job, picture, source)
    except ImgflowError as error:
        failure = Failure(code=error.code, message=error.message, retryable=error.retryable)
        return Preview(status="failed", input=job.input, error=failure)
    return Preview(
        status="planned",
        input=job.input,
        width=picture.width,
        height=picture.height,
        outputs=tuple({file.path: file for file in planned}.values()),
    )


def _plan_all(job: Job, picture: Picture, source: Source) -> list[Planned]:
    shared = parse_steps(job.steps)
    chains = [shared + parse_steps(output.steps) for output in job.outputs]
    try:
        if any(outline_steps(picture.size, chain) is None for chain in chains):
            picture = picture.random_access()
        after = outline_steps(picture.size, shared) or apply_steps(picture, shared).size
        targets = take_aim(job.outputs, shared, after, picture.origin.format)
        return [_plan(job, target, shared, picture, source) for target in targets]
    except libvips().Error as error:
        check_decodes(source, picture.origin.format)
        message = f"{job.input}: the steps cannot be run on this image: {error}"
        raise OperationError(message, code="operation-failed") from error


def _plan(
    job: Job, target: Target, shared: tuple[Operation, ...], picture: Picture, source: Source
) -> Planned:
    chain = shared + target.steps
    size = outline_steps(picture.size, chain) or apply_steps(picture, chain).size
    return Planned(
        path=render_path(job, target, size, source),
        format=target.encoder.name(),
        width=size.width,
        height=size.height,
    )
