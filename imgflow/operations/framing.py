"""Frame faces: the place of a box of a given size that shows them best."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from imgflow.geometry import Box, Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.operations.faces import Face

#: Room around a face, as shares of its height and width.
_ABOVE, _BELOW, _BESIDE = 0.5, 0.3, 0.3
#: How much of that room is tried for, from all to none.
_ROOMS = (1.0, 0.75, 0.5, 0.25, 0.0)
#: Faces look right a little above the middle: where their middle goes in the free space.
_MIDDLE_X, _MIDDLE_Y = 0.5, 0.42


class Span(NamedTuple):
    """From where to where something reaches along one axis, in pixels."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """How far that is."""
        return self.end - self.start


class Framed(NamedTuple):
    """A box, and the faces that lie inside of it as a whole."""

    box: Box
    inside: tuple[Face, ...]


def frame_faces(faces: Sequence[Face], whole: Size, size: Size) -> Framed:
    """Place a box of ``size`` in a picture of size ``whole`` so that it shows the faces.

    All of them are inside if the size allows; else those that can be, beginning with the
    largest and surest. There is room above the heads and around, as far as that goes.
    """
    chosen: list[Face] = []
    for face in sorted(faces, key=_weight, reverse=True):
        if _fit([*chosen, face], whole, size):
            chosen.append(face)
    kept = chosen or [max(faces, key=_weight)]
    x = _place([_across(kept, whole, room) for room in _ROOMS], whole.width, size.width, _MIDDLE_X)
    y = _place([_down(kept, whole, room) for room in _ROOMS], whole.height, size.height, _MIDDLE_Y)
    box = Box(x, y, *size)
    return Framed(box, tuple(face for face in faces if _holds(box, face, whole)))


def _weight(face: Face) -> float:
    return (face.right - face.left) * (face.bottom - face.top) * face.score


def _fit(faces: Sequence[Face], whole: Size, size: Size) -> bool:
    across, down = _across(faces, whole, 0), _down(faces, whole, 0)
    return across.length <= size.width and down.length <= size.height


def _across(faces: Sequence[Face], whole: Size, room: float) -> Span:
    """Return the columns that faces need with some of the room around them."""
    margins = [room * _BESIDE * (face.right - face.left) for face in faces]
    left = min(face.left - margin for face, margin in zip(faces, margins, strict=True))
    right = max(face.right + margin for face, margin in zip(faces, margins, strict=True))
    return _whole_pixels(left, right, whole.width)


def _down(faces: Sequence[Face], whole: Size, room: float) -> Span:
    """Return the rows that faces need with some of the room above and below them."""
    heights = [room * (face.bottom - face.top) for face in faces]
    top = min(face.top - _ABOVE * high for face, high in zip(faces, heights, strict=True))
    bottom = max(face.bottom + _BELOW * high for face, high in zip(faces, heights, strict=True))
    return _whole_pixels(top, bottom, whole.height)


def _whole_pixels(start: float, end: float, length: int) -> Span:
    return Span(max(0, math.floor(start * length)), min(length, math.ceil(end * length)))


def _place(spans: Sequence[Span], whole: int, length: int, middle: float) -> int:
    """Return the start of a stretch of ``length`` that holds the first span that it can hold.

    Within what is left to choose, the middle of the bare faces (the last span) goes to the
    share ``middle`` of the stretch.
    """
    bare = spans[-1]
    ideal = (bare.start + bare.end) / 2 - middle * length
    holding = next((span for span in spans if span.length <= length), None)
    if holding:
        ideal = min(max(ideal, holding.end - length), holding.start)
    return min(max(round(ideal), 0), whole - length)


def _holds(box: Box, face: Face, whole: Size) -> bool:
    across, down = _across([face], whole, 0), _down([face], whole, 0)
    return (
        box.x <= across.start
        and across.end <= box.x + box.width
        and box.y <= down.start
        and down.end <= box.y + box.height
    )
