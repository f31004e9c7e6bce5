"""Sizes, boxes and gravity: the arithmetic of pictures, without any pixels.

All lengths are whole pixels, all positions are measured from the top left corner.
"""

from __future__ import annotations

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


class Box(NamedTuple):
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


def round_length(length: float) -> int:
    """Round half up to whole pixels, and never below one.

    The tolerance keeps 799.4999999 (a product that ought to be 799.5) from rounding down.
    """
    return max(1, int(length + 0.5 + 1e-9))


def place(inner: Size, outer: Size, gravity: str) -> tuple[int, int]:
    """Return the position of ``inner`` in ``outer`` for a compass gravity.

    Positions are negative where ``inner`` is the larger one.
    """
    x, y = COMPASS[gravity]
    return round((outer.width - inner.width) * x), round((outer.height - inner.height) * y)


def centre_on(inner: Size, outer: Size, x: float, y: float) -> Box:
    """Return the box of size ``inner`` whose middle is nearest to (x, y), inside ``outer``."""
    left = min(max(round(x - inner.width / 2), 0), outer.width - inner.width)
    top = min(max(round(y - inner.height / 2), 0), outer.height - inner.height)
    return Box(left, top, inner.width, inner.height)


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
