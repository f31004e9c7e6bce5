"""Sizes, boxes and gravity: the arithmetic of pictures, without any pixels.

All lengths are whole pixels, all positions are measured from the top left corner.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from imgflow.errors import OperationError

Compass = Literal[
    "centre", "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"
]

#: Gravity as the share of the free space that lies left of and above the box.
COMPASS: dict[str, tuple[float, float]] = {
    "centre": (0.5, 0.5),
    "north": (0.5, 0.0),
    "northeast": (1.0, 0.0),
    "east": (1.0, 0.5),
    "southeast": (1.0, 1.0),
    "south": (0.5, 1.0),
    "southwest": (0.0, 1.0),
    "west": (0.0, 0.5),
    "northwest": (0.0, 0.0),
}


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def scaled(self, x: float, y: float) -> Size:
        """Return this size times two factors, rounded half up, never below one pixel."""
        return Size(round_length(self.width * x), round_length(self.height * y))

    def within(self, other: Size) -> Size:
        """Return this size with no side longer than that of another."""
        return Size(min(self.width, other.width), min(self.height, other.height))


class Box(NamedTuple):
    """A rectangle in pixels; it may reach outside of the picture that it is meant for."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.width, self.height)

    def inside(self, size: Size) -> Box | None:
        """Return the part that lies within a picture of ``size``, None if there is none."""
        left, top = max(self.x, 0), max(self.y, 0)
        right = min(self.x + self.width, size.width)
        bottom = min(self.y + self.height, size.height)
        if right <= left or bottom <= top:
            return None
        return Box(left, top, right - left, bottom - top)


def round_half_up(length: float) -> int:
    """Round to whole pixels, half up.

    The tolerance keeps 799.4999999 (a product that ought to be 799.5) from rounding down.
    """
    return math.floor(length + 0.5 + 1e-9)


def round_length(length: float) -> int:
    """Round half up to whole pixels, and never below one."""
    return max(1, round_half_up(length))


def place(inner: Size, outer: Size, gravity: str) -> tuple[int, int]:
    """Return the position of ``inner`` in ``outer`` for a compass gravity.

    An odd pixel of free space goes to the right and below. Positions are negative where
    ``inner`` is the larger one: it is then ``outer`` that lies in ``inner`` by that gravity.
    """
    x, y = COMPASS[gravity]
    return int((outer.width - inner.width) * x), int((outer.height - inner.height) * y)


def centre_on(inner: Size, outer: Size, x: float, y: float) -> Box:
    """Return the box of size ``inner`` whose middle is nearest to (x, y), inside ``outer``."""
    left = min(max(round_half_up(x - inner.width / 2), 0), outer.width - inner.width)
    top = min(max(round_half_up(y - inner.height / 2), 0), outer.height - inner.height)
    return Box(left, top, inner.width, inner.height)


class Cut(NamedTuple):
    """A box in whole pixels, and by how much less than half a pixel it should start later."""

    box: Box
    x: float = 0.0
    y: float = 0.0


def to_pixels(box: Box, size: Size, pixels: Size) -> Cut:
    """Return where a box of a picture of ``size`` lies in a copy of ``pixels``, at least 1x1.

    Decoders that halve a picture drop or round up what is left over, so that a copy of 500 or
    501 pixels for 1001 is still one half: such a whole factor is recognised, and boxes stay
    exact.
    """
    factor = max(round_half_up(size.width / pixels.width), 1)
    halved = all(
        whole // factor <= part <= -(-whole // factor)
        for whole, part in zip(size, pixels, strict=True)
    )
    x = 1 / factor if halved else pixels.width / size.width
    y = 1 / factor if halved else pixels.height / size.height
    width = min(round_length(box.width * x), pixels.width)
    height = min(round_length(box.height * y), pixels.height)
    left, over = _start((box.x + box.width / 2) * x - width / 2, pixels.width - width)
    top, under = _start((box.y + box.height / 2) * y - height / 2, pixels.height - height)
    return Cut(Box(left, top, width, height), over, under)


def _start(exact: float, last: int) -> tuple[int, float]:
    """Return the whole pixel to start at, ``last`` at most, and what is missing to ``exact``."""
    start = min(max(round_half_up(exact), 0), last)
    return start, min(max(exact - start, -0.5), 0.5)


def parse_aspect(aspect: str | float) -> float:
    """Return width / height of ``"16:9"``, ``"1.5"`` or ``1.5``.

    Raises OperationError for anything that is not a positive ratio.
    """
    try:
        if isinstance(aspect, str) and ":" in aspect:
            width, height = aspect.split(":")
            ratio = float(width) / float(height)
        else:
            ratio = float(aspect)
    except (ValueError, ZeroDivisionError):
        ratio = 0.0
    if not 0 < ratio < float("inf"):
        message = f"expected an aspect like '16:9' or 1.5, found {aspect!r}"
        raise OperationError(message, code="bad-aspect")
    return ratio


def largest_with_aspect(outer: Size, ratio: float) -> Size:
    """Return the largest size of aspect ``ratio`` (width / height) that fits in ``outer``."""
    if outer.width > outer.height * ratio:
        return Size(min(outer.width, round_length(outer.height * ratio)), outer.height)
    return Size(outer.width, min(outer.height, round_length(outer.width / ratio)))
