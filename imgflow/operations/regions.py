"""Regions as people write them: edges and lengths in pixels, or in percent of the picture."""

from __future__ import annotations

from typing import Annotated

import msgspec

from imgflow.geometry import Box, Size, round_half_up
from imgflow.operations.extent import LONGEST

_FURTHEST = 10_000_000

#: Where an edge is: pixels, also left of and above the picture, or 0 % to 100 %.
Position = (
    Annotated[int, msgspec.Meta(ge=-_FURTHEST, le=_FURTHEST)]
    | Annotated[
        str,
        msgspec.Meta(pattern=r"^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$", examples=["25%"]),
    ]
)
#: How long a side is: pixels, or more than 0 % up to 100 %.
Length = (
    Annotated[int, msgspec.Meta(ge=1, le=LONGEST)]
    | Annotated[
        str,
        msgspec.Meta(
            pattern=r"^(?!0+(?:\.0+)?%)(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$", examples=["50%"]
        ),
    ]
)


def measure(x: int | str, y: int | str, width: int | str, height: int | str, size: Size) -> Box:
    """Return a region of a picture of ``size`` in pixels, at least 1x1.

    Percentages are rounded half up at both edges, so that regions that meet in percent meet
    in pixels.
    """
    left, right = _edges(x, width, size.width)
    top, bottom = _edges(y, height, size.height)
    return Box(left, top, right - left, bottom - top)


def _edges(position: int | str, length: int | str, whole: int) -> tuple[int, int]:
    start, reach = _pixels(position, whole), _pixels(length, whole)
    first, last = round_half_up(start), round_half_up(start + reach)
    if isinstance(position, str) and start < whole:
        first = min(first, whole - 1)
    return first, max(last, first + 1)


def _pixels(length: int | str, whole: int) -> float:
    return float(length[:-1]) / 100 * whole if isinstance(length, str) else length
