"""Where the words at marks go, so that no two of them overlap."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

from imgflow.ladder.panel import Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgflow.ladder.panel import Panel

#: Width of a letter and height of a line, at the size that labels have.
_LETTER, _LINE = 6.8, 12.0
_GAP = 9.0
#: Half the width that a line takes, with some air.
_THICK = 3.0


class Box(NamedTuple):
    """A part of the page that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area that two boxes share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0.0) * max(down, 0.0)


class Label(NamedTuple):
    """Words, and where they begin on their baseline."""

    text: str
    place: Point


class Labels:
    """Finds room for labels one by one; the marks and all that has words take some first."""

    def __init__(self, panel: Panel, taken: Iterable[Box]) -> None:
        """Keep within a panel, and off what is taken."""
        self._panel = panel
        self._taken = list(taken)

    def put(self, text: str, mark: Point) -> Label:
        """Return a label beside a mark: above it and to the left if there is room."""
        width = _LETTER * len(text)
        boxes = [Box(x, y, x + width, y + _LINE) for x, y in _places(mark, width)]
        best = min(boxes, key=self._cost)
        self._taken.append(best)
        return Label(text, Point(round(best.left, 1), round(best.bottom - 2.5, 1)))

    def _cost(self, box: Box) -> float:
        """Return the area that is taken, or out of the panel."""
        inside = Box(*self._panel[:4]).overlap(box)
        outside = (box.right - box.left) * (box.bottom - box.top) - inside
        return sum(box.overlap(other) for other in self._taken) + 4 * outside


def box_around(mark: Point, radius: float) -> Box:
    """Return the room that a mark takes."""
    return Box(mark.x - radius, mark.y - radius, mark.x + radius, mark.y + radius)


def box_beside(start: Point, text: str) -> Box:
    """Return the room that words take, which begin at a place on their baseline."""
    return Box(start.x, start.y - _LINE + 2, start.x + _LETTER * len(text), start.y + 2)


def boxes_along(points: Sequence[Point]) -> Iterable[Box]:
    """Yield the room that a line through some points takes."""
    for one, two in itertools.pairwise(points):
        steps = max(1, round(math.dist(one, two) / (2 * _THICK)))
        for step in range(steps):
            share = step / steps
            middle = Point(one.x + (two.x - one.x) * share, one.y + (two.y - one.y) * share)
            yield box_around(middle, _THICK)


def _places(mark: Point, width: float) -> Iterable[tuple[float, float]]:
    """Yield top left corners around a mark, the best first."""
    left, middle, right = mark.x - _GAP - width, mark.x - width / 2, mark.x + _GAP
    above, level, below = mark.y - _GAP - _LINE / 2, mark.y - _LINE / 2, mark.y + _GAP - _LINE / 2
    yield from ((left, above), (right, below), (left, level), (right, level))
    yield from ((middle, mark.y - _GAP - _LINE), (middle, mark.y + _GAP))
    yield from ((left, below), (right, above))
    for line in (1, 2, 3):
        yield from ((left, below + line * _LINE), (right, below + line * _LINE))
