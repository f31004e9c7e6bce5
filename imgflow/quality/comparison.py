"""Two files, compared as pictures: the score, what it means, and what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from imgflow.errors import UsageError
from imgflow.image import broken, open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.notes import Note
from imgflow.quality.difference import draw_difference
from imgflow.quality.reference import Reference
from imgflow.quality.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.source import Source


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One of the files: its format, bytes, and pixels of a frame after its orientation."""

    name: str
    format: str
    bytes: int
    width: int
    height: int
    frames: int = 1


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How close a picture looks to the original.

    ``score`` is that of SSIMULACRA2 2.1, of the worst frame if there are several;
    ``frame`` is its number, from 0. ``identical`` tells that no pixel differs.
    """

    score: float
    level: str
    meaning: str
    identical: bool
    original: Compared
    picture: Compared
    frame: int = 0
    notes: tuple[Note, ...] = ()


class Side(NamedTuple):
    """One of the files as it is judged: ``opened`` before its colours were converted.

    ``image`` is one frame, upright and in sRGB.
    """

    source: Source
    opened: Picture
    image: Image


class FilePair:
    """Two files that show the same, opened to be compared.

    Both are compared upright, and in sRGB.
    """

    def __init__(self, original: Source, picture: Source, limits: Limits = DEFAULT_LIMITS) -> None:
        """Open both; raises SourceError for what is no image, UsageError for two sizes."""
        self._sources = (original, picture)
        self._opened = tuple(open_picture(source, limits) for source in self._sources)
        self._pictures = tuple(map(_decode, self._sources, self._opened))
        one, two = self._pictures
        if one.size != two.size:
            message = (
                f"{picture.name}: expected {one.width}x{one.height} pixels, as {original.name} "
                f"has, found {two.width}x{two.height}; resize one of them first"
            )
            raise UsageError(message, code="sizes-differ")

    def compare(self) -> Comparison:
        """Compare all frames if both have the same number of them, else the first."""
        name = self._sources[0].name
        scores = [
            (100.0, True) if _same(one, two) else (Reference(one, name).score(two), False)
            for one, two in self._frames()
        ]
        worst, _ = min(scores)
        verdict = judge(worst)
        return Comparison(
            score=round(worst, 4),
            level=verdict.level,
            meaning=verdict.meaning,
            identical=all(same for _, same in scores),
            frame=scores.index(min(scores)),
            original=_describe(self._sources[0], self._pictures[0]),
            picture=_describe(self._sources[1], self._pictures[1]),
            notes=self._notes(),
        )

    def draw(self, frame: int = 0) -> bytes:
        """Return a PNG of where one frame differs."""
        one, two = list(self._frames())[frame]
        return draw_difference(Reference(one, self._sources[0].name), one, two)

    def sides(self, frame: int = 0) -> tuple[Side, ...]:
        """Return both files, the original first, with one frame of each."""
        images = list(self._frames())[frame]
        return tuple(map(Side, self._sources, self._opened, images))

    def _frames(self) -> Iterator[tuple[Image, Image]]:
        one, two = self._pictures
        for index in range(one.frames if one.frames == two.frames else 1):
            yield one.frame(index), two.frame(index)

    def _notes(self) -> tuple[Note, ...]:
        one, two = self._pictures
        if one.frames == two.frames:
            return ()
        message = (
            f"only the first frames were compared: there are {one.frames} in "
            f"{self._sources[0].name} and {two.frames} in {self._sources[1].name}"
        )
        return (Note("warning", "frames-differ", message),)


def _decode(source: Source, picture: Picture) -> Picture:
    try:
        return picture.random_access().srgb()
    except libvips().Error as error:
        raise broken(source, picture.origin.format, error) from error


def _same(one: Image, two: Image) -> bool:
    """Tell whether two images have the same samples."""
    if (one.bands, one.format) != (two.bands, two.format):
        return False
    return bool(one.relational(two, "noteq").max() == 0)


def _describe(source: Source, picture: Picture) -> Compared:
    return Compared(
        name=source.name,
        format=picture.origin.format,
        bytes=source.size,
        width=picture.width,
        height=picture.height,
        frames=picture.frames,
    )
