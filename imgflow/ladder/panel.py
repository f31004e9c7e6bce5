"""The area of a graph: where a size and a score lie on the page, and the marks of its axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from imgflow.quality.verdict import VERDICTS

if TYPE_CHECKING:
    from imgflow.ladder.rungs import Ladder

_STEP = 10
#: The lowest level of which the graph has to show where it begins.
_LOWEST_SHOWN = 60
_HIGHEST = 100
#: Room left at both ends of the axis of sizes, as a factor.
_AIR = 1.12
_FIGURES = (1, 2, 5)
#: Room for words around the area: left, top, right, below.
_MARGINS = (44, 56, 14, 44)


class Point(NamedTuple):
    """A place on the page, in pixels from the top left."""

    x: float
    y: float


class Panel(NamedTuple):
    """The area between the axes: sizes to the right, by their logarithm; scores upwards."""

    left: float
    top: float
    right: float
    bottom: float
    least_bytes: float
    most_bytes: float
    least_score: float

    def at(self, size: float, score: float) -> Point:
        """Return where a file of so many bytes and a score lies."""
        across = math.log(size / self.least_bytes) / math.log(self.most_bytes / self.least_bytes)
        up = (score - self.least_score) / (_HIGHEST - self.least_score)
        x = self.left + (self.right - self.left) * across
        return Point(round(x, 1), round(self.bottom - (self.bottom - self.top) * up, 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes to mark, in bytes: those that begin with 1, 2 or 5."""
        first, last = (math.floor(math.log10(end)) for end in (self.least_bytes, self.most_bytes))
        marks = (figure * 10**power for power in range(first, last + 1) for figure in _FIGURES)
        return tuple(mark for mark in marks if self.least_bytes <= mark <= self.most_bytes)

    @property
    def scores(self) -> tuple[int, ...]:
        """The scores to mark."""
        return tuple(range(round(self.least_score), _HIGHEST + 1, _STEP))


#: Scores at which a level begins, and its name, from the highest.
LEVEL_LINES = tuple(
    (verdict.least, verdict.level.replace("-", " "))
    for verdict in VERDICTS
    if verdict.least > _LOWEST_SHOWN
)


def panel_for(ladder: Ladder, width: int, height: int) -> Panel:
    """Return an area on a page of some size that holds all files of a ladder."""
    sizes = [rung.bytes for rung in ladder.rungs]
    lowest = min(rung.score for rung in ladder.rungs)
    left, top, right, below = _MARGINS
    return Panel(
        left=left,
        top=top,
        right=width - right,
        bottom=height - below,
        least_bytes=min(sizes) / _AIR,
        most_bytes=max(sizes) * _AIR,
        least_score=min(_LOWEST_SHOWN, math.floor(lowest / _STEP) * _STEP),
    )
