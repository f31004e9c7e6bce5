"""Makes a report while results come in: of each image its figures and a thumbnail are kept."""

from __future__ import annotations

import base64
import mmap
import tempfile
from typing import IO, TYPE_CHECKING, Self

from imgflow.errors import ImgflowError
from imgflow.image import open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.report.entry import Entry, File, is_aligned
from imgflow.report.links import link_to
from imgflow.report.page import CHUNK, render_page
from imgflow.report.rows import pack, script_json
from imgflow.report.showing import expect_bytes, show_file, show_source, shows_itself
from imgflow.report.thumbnail import LARGE_ENOUGH, draw_thumbnail
from imgflow.report.totals import Totals
from imgflow.storage.properties import PLAIN
from imgflow.summary import warnings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgflow.budgets import Breach
    from imgflow.geometry import Size
    from imgflow.job import Result, Written
    from imgflow.storage import Storage

#: Bytes of pictures in full size that a page holds, the worst first; the others are linked.
EMBEDDED_BYTES = 16_000_000


def write_report(
    results: Iterable[Result],
    storage: Storage,
    target: str,
    title: str,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write the report of a run as one page; raises StorageError if it cannot be written."""
    with ReportBuilder(storage, target, title=title, limits=limits) as builder:
        for result in results:
            builder.add(result)
        builder.write()


class ReportBuilder:
    """Takes results one by one, and then writes the page; to be closed, best by ``with``.

    Thumbnails wait in a temporary file. Pictures in full size are read once all results are
    known, since the worst ones are what the page has room for: ``embedded`` bytes of them.
    """

    def __init__(
        self,
        storage: Storage,
        target: str,
        *,
        title: str,
        limits: Limits = DEFAULT_LIMITS,
        embedded: int = EMBEDDED_BYTES,
    ) -> None:
        self._storage, self._target, self._title = storage, target, title
        self._limits, self._room = limits, embedded
        self.totals = Totals()
        self._entries: list[Entry] = []
        self._packed: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._packed.close()

    def add(self, result: Result) -> None:
        """Take one more result: its files are looked at now, and not kept."""
        self.totals.add(result)
        if result.status == "failed":
            return
        entry = self._describe(result)
        thumbnail = self._thumbnail(entry)
        self._entries.append(entry)
        self._packed.write(pack(entry, base64.b64encode(thumbnail).decode()) + "\n")

    def add_stale(self, source: str, reasons: tuple[str, ...]) -> None:
        """Take a source that is not up to date, and why it is not."""
        self.totals.stale.setdefault(reasons, []).append(source)

    def write(
        self, *, orphans: int = 0, unreached: int = 0, breaches: Sequence[Breach] = ()
    ) -> None:
        """Write the page, whole or not at all; raises StorageError.

        ``orphans`` are files that are made no more, ``unreached`` sources that the run did not
        come to: numbers of them. ``breaches`` are the budgets that are not kept.
        """
        self.totals.orphans, self.totals.unreached = orphans, unreached
        self.totals.breaches = breaches
        with tempfile.TemporaryFile("w+b") as file:
            for piece in self._pieces():
                # Odd bytes of file names that are no text are shown as escapes.
                file.write(piece.encode(errors="backslashreplace"))
            file.flush()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as page:
                self._storage.write(self._target, page, PLAIN)

    def _pieces(self) -> Iterator[str]:
        ranked = sorted(self._entries, key=lambda entry: entry.rank)
        before, after = render_page(self._title, self.totals, ranked)
        yield before
        yield from self._chunks()
        yield from self._pairs(ranked)
        yield after

    def _chunks(self) -> Iterator[str]:
        """Yield what opened images show, in the order in which they came."""
        self._packed.seek(0)
        for index, line in enumerate(self._packed):
            start = "" if index % CHUNK else _data_element(f"chunk-{index // CHUNK}") + "["
            last = index % CHUNK == CHUNK - 1 or index == len(self._entries) - 1
            yield start + line.rstrip("\n") + ("]</script>\n" if last else ",")

    def _pairs(self, ranked: list[Entry]) -> Iterator[str]:
        """Yield the pictures that the page has room for: of each image the worst file first."""
        inside: set[str] = set()
        rounds = max((len(entry.files) for entry in ranked), default=0)
        for place in range(rounds):
            for entry in ranked:
                if place < len(entry.files) and entry.width:
                    yield from self._pair(entry, place, inside)

    def _pair(self, entry: Entry, place: int, inside: set[str]) -> Iterator[str]:
        """Yield a file, and its source unless it is ``inside``, if there is room for both."""
        file = entry.worst()[place]
        suffix = "" if shows_itself(entry, file) else f"-{place}"
        name = f"source-{entry.index}{suffix}"
        there = name in inside
        if expect_bytes(entry, file, there=there) > self._room:
            return
        try:
            after = show_file(self._storage.read(file.path), self._limits)
            read = self._storage.read
            before = "" if there else show_source(entry, file, read(entry.input), self._limits)
        except (ImgflowError, libvips().Error):
            return
        if (length := len(before) + len(after)) > self._room:
            return
        self._room -= length
        if before:
            inside.add(name)
            yield _data_element(name) + script_json(before) + "</script>\n"
        yield _data_element(f"pair-{entry.index}-{place}")
        yield script_json([name, after]) + "</script>\n"

    def _describe(self, result: Result) -> Entry:
        replaced = any(file.path == result.input for file in result.outputs)
        size = None if replaced else self._measure(result.input)
        return Entry(
            index=len(self._entries),
            input=result.input,
            link="" if replaced else link_to(result.input, self._target),
            bytes=result.input_bytes,
            width=size.width if size else 0,
            height=size.height if size else 0,
            files=tuple(self._file(file, size) for file in result.outputs),
            notes=tuple(note.message for note in result.notes),
            warnings=len(tuple(warnings_of(result))),
            replaced=replaced,
            seconds=result.seconds,
        )

    def _file(self, file: Written, source: Size | None) -> File:
        return File(
            path=file.path,
            link=link_to(file.path, self._target),
            format=file.format,
            width=file.width,
            height=file.height,
            bytes=file.bytes,
            score=file.score,
            quality=file.quality,
            aligned=is_aligned(file, source),
            notes=tuple(note.message for note in file.notes),
        )

    def _measure(self, uri: str) -> Size | None:
        """Return the size of an upright source, from its header; None if it is gone."""
        try:
            return open_picture(self._storage.locate(uri), self._limits).size
        except (ImgflowError, libvips().Error):
            return None

    def _thumbnail(self, entry: Entry) -> bytes:
        """Return that of the smallest file that is large enough; nothing if there is none."""
        fitting = [f for f in entry.files if max(f.width, f.height) >= LARGE_ENOUGH]
        for file in sorted(fitting or entry.files, key=_cost):
            try:
                return draw_thumbnail(self._storage.read(file.path), self._limits)
            except (ImgflowError, libvips().Error):
                continue
        return b""


def _cost(file: File) -> tuple[int, bool]:
    """Return a key that sorts by the time to decode: JPEGs are reduced meanwhile."""
    return file.width * file.height, file.format != "jpeg"


def _data_element(name: str) -> str:
    return f'<script type="application/json" id="{name}">'
