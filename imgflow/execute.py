"""The heart: a job and a storage in, files written and a result out.

The local runner and every worker call :func:`execute`, and nothing else does image work.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import time
from typing import TYPE_CHECKING, NamedTuple

from imgflow.delivery import Delivery, Made, deliver, is_content_addressed, is_there
from imgflow.economy import economize
from imgflow.errors import ImgflowError, OperationError
from imgflow.fanout import fan_out
from imgflow.finish import Encoded, encode
from imgflow.image import check_decodes, open_picture
from imgflow.job import Failure, Job, Result, SourceFacts, Status, Written
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.naming import render_path
from imgflow.operations import (
    Operation,
    apply_steps,
    largest_shrink,
    outline_steps,
    parse_steps,
)
from imgflow.placeholders.making import make_placeholders, reduction
from imgflow.quality.easel import Easel
from imgflow.tally import Tally
from imgflow.target import Target, take_aim
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgflow.fanout import Chain
    from imgflow.frames import Picture
    from imgflow.geometry import Size
    from imgflow.notes import Note
    from imgflow.placeholders import Placeholders
    from imgflow.source import Source
    from imgflow.storage import Storage


def execute(
    job: Job,
    storage: Storage,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int], None] | None = None,
    deliver: Delivery = deliver,
) -> Result:
    """Make all outputs of a job: read once, decode once, write whole files.

    Nothing is written unless everything could be encoded. Never raises an ImgflowError:
    what goes wrong with an image is in the result. ``progress`` is told how far the job is,
    in percent of its steps, encodes and writes, when they are really done: see
    :class:`imgflow.tally.Tally`. ``deliver`` is told what becomes of the files.
    """
    started = time.perf_counter()
    input_bytes = 0
    tally = Tally(job, progress)
    try:
        source = storage.read(job.input)
        input_bytes = source.size
        meal = Kitchen(job, source, storage, tally).make(limits)
        outputs = deliver(meal.made, storage, tally.written, force=job.force)
        tally.finish()
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
        outputs=outputs,
        notes=meal.notes,
        seconds=time.perf_counter() - started,
        source=meal.facts,
    )


class Meal(NamedTuple):
    """All files of a job, encoded but not written, the notes of its shared steps, and facts."""

    made: list[Made]
    notes: tuple[Note, ...] = ()
    facts: SourceFacts | None = None


@dataclasses.dataclass(frozen=True)
class Kitchen:
    """One job at work: its source, the storage that its outputs will go to, a tally."""

    job: Job
    source: Source
    storage: Storage
    tally: Tally

    @functools.cached_property
    def shared(self) -> tuple[Operation, ...]:
        """The steps that all outputs share."""
        return parse_steps(self.job.steps)

    def make(self, limits: Limits) -> Meal:
        """Encode all files."""
        chains = [parse_steps(output.steps) for output in self.job.outputs]

        def shrink(size: Size) -> float:
            return min(largest_shrink(size, self.shared + chain) for chain in chains)

        picture = open_picture(self.source, limits, orient=self.job.orient, shrink=shrink)
        shared_size = outline_steps(picture.size, self.shared)
        orders = self._orders(shared_size, picture)
        if kept := self._all_kept(orders, picture.size):
            return Meal(kept)
        try:
            base = apply_steps(picture, self.shared)
            if shared_size is None:
                orders = self._orders(base.size, picture)
            made, placeholders = self._encode_all(orders, base)
            facts = self._facts(picture, placeholders) if placeholders else None
            return Meal(made, base.notes, facts)
        except libvips().Error as error:
            check_decodes(self.source, picture.origin.format)
            message = f"{self.job.input}: the steps cannot be run on this image: {error}"
            raise OperationError(message, code="operation-failed") from error

    def _orders(self, size: Size | None, picture: Picture) -> list[Target]:
        """Take all outputs, for the size that the shared steps give; None: only pixels can tell."""
        origin = picture.origin.format
        return take_aim(self.job.outputs, self.shared, size, origin)

    def _facts(self, picture: Picture, placeholders: Placeholders) -> SourceFacts:
        return SourceFacts(
            width=picture.width,
            height=picture.height,
            format=picture.origin.format,
            digest=self.source.digest,
            placeholders=placeholders,
        )

    def _encode_all(
        self, orders: Sequence[Target], base: Picture
    ) -> tuple[list[Made], Placeholders | None]:
        done: dict[str, Made] = {}
        places: dict[str, int] = {}
        placeholders = None
        copy: Chain | None = (reduction(base.size),) if self.job.facts else None
        for chain, leaf in fan_out(base, [order.steps for order in orders], copy):
            takers = [order for order in orders if order.steps == chain]
            picture = leaf.random_access() if len(takers) > 1 or chain == copy else leaf
            if chain == copy:
                placeholders = make_placeholders(picture)
            easel = Easel(picture)
            for order in takers:
                made = self._make_one(order, done, easel, picture.notes[len(base.notes) :])
                path = made.written.path
                if done.setdefault(path, made) is not made:
                    _check_same(done[path].order, made.order, path)
                places.setdefault(path, orders.index(order))
                self.tally.encoded(len(order.output.steps))
        return sorted(done.values(), key=lambda made: places[made.written.path]), placeholders

    def _path(self, order: Target, size: Size) -> str:
        return render_path(self.job, order, size, self.source)

    def _make_one(
        self, order: Target, done: dict[str, Made], easel: Easel, notes: tuple[Note, ...]
    ) -> Made:
        """Return one output, unless it is there already; ``notes`` are those of its own steps."""
        size = easel.picture.size
        if order.encoder.outlines() == (order.encoder,):
            path = self._path(order, size)
            if path in done:
                return done[path]._replace(order=order)
        if kept := self._kept(order, size):
            return kept
        output = order.output
        result = self._encode(order, easel)
        settled = order.settled(result.encoder)
        path = self._path(settled, size)
        status: Status = "copied" if result.copied else "written"
        if order.thrift and is_there(path, result.data, self.source, self.storage):
            status = "kept"
        written = Written(
            path=path,
            name=output.name,
            format=result.encoder.name(),
            width=size.width,
            height=size.height,
            bytes=len(result.data),
            sha256=hashlib.sha256(result.data).hexdigest(),
            frames=result.frames,
            status=status,
            notes=notes + result.notes,
            **result.findings,
        )
        data = None if status == "kept" else result.data
        return Made(settled, written, data, replaces=path == self.source.name)

    def _encode(self, order: Target, easel: Easel) -> Encoded:
        touched = any(step.changes_pixels for step in self.shared + order.steps)
        original = None if touched else self.source
        policies = order.output.metadata, order.output.profile
        if order.thrift:
            picture, thrift = easel.picture, order.thrift
            return economize(picture, order.encoder, *policies, thrift, original, easel)
        return encode(easel.picture, order.encoder, *policies, original, easel)

    def _all_kept(self, orders: Sequence[Target], size: Size) -> list[Made]:
        """Return the outputs if every one of them is there already, else an empty list."""
        kept: dict[str, Made] = {}
        for order in orders:
            after = outline_steps(size, self.shared + order.steps)
            if after is None or not is_content_addressed(order.output):
                return []
            found = self._kept(order, after)
            if found is None:
                return []
            kept.setdefault(found.written.path, found)
        return list(kept.values())

    def _kept(self, order: Target, size: Size) -> Made | None:
        """Return a file that is there already under the digest of all it depends on.

        Far away, that is not asked: the request that writes it finds out.
        """
        if self.job.force or self.job.facts or not is_content_addressed(order.output):
            return None
        found = (self._there(target, size) for target in order.outlines())
        return next((made for made in found if made), None)

    def _there(self, order: Target, size: Size) -> Made | None:
        path = self._path(order, size)
        if is_remote(path):
            return None
        entry = self.storage.stat(path)
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
        return Made(order, written, None)


def _check_same(first: Target, second: Target, path: str) -> None:
    """Let two outputs share a path only if they are the same file.

    That happens where several widths are larger than the source.
    """
    if (first.steps, first.asked) == (second.steps, second.asked) or (
        first.steps == second.steps and first.encoder == second.encoder
    ):
        return
    message = (
        f"{path}: expected one output at this path, found two that differ; "
        "put {width}, {format} or {hash} into the template"
    )
    raise OperationError(message, code="path-collision")
