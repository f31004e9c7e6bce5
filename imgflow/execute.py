"""The heart: a job and a storage in, files written and a result out.

The local runner and every worker call :func:`execute`, and nothing else does image work.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, NamedTuple

from imgflow.encoders import Encoder, encoder_for, parse_encoder
from imgflow.errors import ImgflowError, OperationError
from imgflow.fanout import fan_out
from imgflow.finish import encode
from imgflow.image import check_decodes, open_picture
from imgflow.job import Failure, Job, Output, Result, Written
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.naming import render_path
from imgflow.operations import (
    Operation,
    apply_steps,
    chain_encoder,
    largest_shrink,
    outline_steps,
    parse_steps,
)
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.geometry import Size
    from imgflow.notes import Note
    from imgflow.picture import Picture
    from imgflow.source import Source
    from imgflow.storage import Storage


class Order(NamedTuple):
    """One output, with its steps and its encoder parsed."""

    output: Output
    steps: tuple[Operation, ...]
    encoder: Encoder


class Made(NamedTuple):
    """A file that is ready to be written; ``data`` is None if it is there already."""

    written: Written
    data: bytes | None


def execute(job: Job, storage: Storage, limits: Limits = DEFAULT_LIMITS) -> Result:
    """Make all outputs of a job: read once, decode once, write whole files.

    Nothing is written unless everything could be encoded. Never raises an ImgflowError:
    what goes wrong with an image is in the result.
    """
    started = time.perf_counter()
    input_bytes = 0
    try:
        source = storage.read(job.input)
        input_bytes = source.size
        made, notes = _make(job, source, storage, limits)
        for file in made:
            if file.data is not None:
                storage.write(file.written.path, file.data)
    except ImgflowError as error:
        return Result(
            status="failed",
            input=job.input,
            input_bytes=input_bytes,
            error=Failure(code=error.code, message=error.message, retryable=error.retryable),
            seconds=time.perf_counter() - started,
        )
    return Result(
        status="completed",
        input=job.input,
        input_bytes=input_bytes,
        outputs=tuple(file.written for file in made),
        notes=notes,
        seconds=time.perf_counter() - started,
    )


def _make(
    job: Job, source: Source, storage: Storage, limits: Limits
) -> tuple[list[Made], tuple[Note, ...]]:
    shared = parse_steps(job.steps)
    chains = [parse_steps(output.steps) for output in job.outputs]

    def shrink(size: Size) -> float:
        return min(largest_shrink(size, shared + chain) for chain in chains)

    picture = open_picture(source, limits, orient=job.orient, shrink=shrink)
    orders = [
        Order(output, chain, _encoder(output, shared + chain, picture))
        for output, chain in zip(job.outputs, chains, strict=True)
    ]
    if kept := _all_kept(job, orders, shared, picture.size, source, storage):
        return kept, ()
    try:
        base = apply_steps(picture, shared)
        return _encode_all(job, orders, base, source, storage), base.notes
    except libvips().Error as error:
        check_decodes(source, picture.origin.format)
        message = f"{job.input}: the steps cannot be run on this image: {error}"
        raise OperationError(message, code="operation-failed") from error


def _encode_all(
    job: Job, orders: Sequence[Order], base: Picture, source: Source, storage: Storage
) -> list[Made]:
    done: dict[str, Made] = {}
    for chain, leaf in fan_out(base, [order.steps for order in orders]):
        takers = [order for order in orders if order.steps == chain]
        picture = leaf.random_access() if len(takers) > 1 else leaf
        for order in takers:
            made = _encode_one(job, order, picture, base, source, storage)
            _check_collision(done.get(made.written.path), made)
            done.setdefault(made.written.path, made)
    return list(done.values())


def _encode_one(  # noqa: PLR0913
    job: Job, order: Order, picture: Picture, base: Picture, source: Source, storage: Storage
) -> Made:
    output, encoder = order.output, order.encoder
    path = render_path(job, output, encoder, picture.size, source)
    if kept := _kept(job, order, path, picture.size, storage):
        return kept
    untouched = not any(step.changes_pixels for step in (*parse_steps(job.steps), *order.steps))
    result = encode(
        picture, encoder, output.metadata, output.profile, source if untouched else None
    )
    return Made(
        Written(
            path=path,
            name=output.name,
            format=encoder.name(),
            width=picture.width,
            height=picture.height,
            bytes=len(result.data),
            sha256=hashlib.sha256(result.data).hexdigest(),
            frames=result.frames,
            status="copied" if result.copied else "written",
            notes=(*picture.notes[len(base.notes) :], *result.notes),
        ),
        result.data,
    )


def _encoder(output: Output, chain: tuple[Operation, ...], picture: Picture) -> Encoder:
    """An output's own encoder, else the chain's last ``convert``, else the source's format."""
    if output.encoder:
        return parse_encoder(output.encoder)
    return chain_encoder(chain) or encoder_for(picture.origin.format)


def _all_kept(  # noqa: PLR0913
    job: Job,
    orders: Sequence[Order],
    shared: tuple[Operation, ...],
    size: Size,
    source: Source,
    storage: Storage,
) -> list[Made]:
    """Return the outputs if every one of them is there already, else an empty list."""
    kept: dict[str, Made] = {}
    for order in orders:
        after = outline_steps(size, shared + order.steps)
        if after is None or "hash" not in parse_template(order.output.path).fields:
            return []
        path = render_path(job, order.output, order.encoder, after, source)
        found = _kept(job, order, path, after, storage)
        if found is None:
            return []
        kept[path] = found
    return list(kept.values())


def _kept(job: Job, order: Order, path: str, size: Size, storage: Storage) -> Made | None:
    """A file whose name holds the digest of all it depends on need not be made again."""
    if job.force or "hash" not in parse_template(order.output.path).fields:
        return None
    entry = storage.stat(path)
    if entry is None or entry.size == 0:
        return None
    written = Written(
        path=path,
        name=order.output.name,
        format=order.encoder.name(),
        width=size.width,
        height=size.height,
        bytes=entry.size,
        status="kept",
    )
    return Made(written, None)


def _check_collision(first: Made | None, second: Made) -> None:
    """Two outputs may share a path only if they are the same file.

    That happens where several widths are larger than the source.
    """
    if first is None or first.data == second.data:
        return
    message = (
        f"{second.written.path}: expected one output at this path, found two that differ; "
        "put {width}, {format} or {hash} into the template"
    )
    raise OperationError(message, code="path-collision")
