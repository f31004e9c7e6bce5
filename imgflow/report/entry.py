"""One image of a report: what the list sorts by, and what is shown when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from imgflow.geometry import Size
    from imgflow.job import Written


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was made. ``link`` leads to it from the page, "" if nothing does.

    ``aligned`` says that it has the shape of its source, so that one can lie over the other.
    """

    path: str
    link: str
    format: str
    width: int
    height: int
    bytes: int
    score: float | None
    quality: int | str
    aligned: bool
    notes: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One image that was done: its source, its files, and the time it took in its worker.

    ``width`` and ``height`` are those of the upright source, 0 if it cannot be opened any more.
    ``input`` has no ``link`` where it cannot be shown: it was replaced, or lies elsewhere.
    """

    index: int
    input: str
    link: str
    bytes: int
    width: int
    height: int
    files: tuple[File, ...]
    notes: tuple[str, ...]
    warnings: int
    replaced: bool
    seconds: float

    @property
    def score(self) -> float | None:
        """The lowest score of its files; None if none was judged."""
        return min((file.score for file in self.files if file.score is not None), default=None)

    @property
    def share(self) -> float:
        """The bytes of a mean file, as a share of the source's: above 1 it grew."""
        return self.mean / self.bytes if self.bytes else 0.0

    @property
    def mean(self) -> float:
        """The bytes of a mean file."""
        return sum(file.bytes for file in self.files) / max(1, len(self.files))

    @property
    def rank(self) -> tuple[bool, float, float]:
        """A key that sorts the worst first: by score, then what was judged not at all by share."""
        score = self.score
        return (score is None, score or 0.0, -self.share)

    def worst(self) -> tuple[File, ...]:
        """Return the files, the worst first: by score, else the largest."""
        return tuple(sorted(self.files, key=_badness))


def is_aligned(file: Written, source: Size | None) -> bool:
    """Tell whether a file has the shape of its source, but for the rounding of its sides."""
    if source is None:
        return False
    apart = abs(file.width * source.height - file.height * source.width)
    return apart <= max(source)


def _badness(file: File) -> tuple[bool, float, int]:
    return (file.score is None, file.score or 0.0, -file.bytes)
