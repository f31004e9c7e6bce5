"""Trim: cut a border of one colour away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import Colour, parse_colour
from imgflow.geometry import Box
from imgflow.notes import Note
from imgflow.operations.canvas import full_scale, ink, paintable
from imgflow.operations.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyvips import Image

    from imgflow.frames import Picture


class Trim(Operation, frozen=True, tag="trim"):
    """Cut away a border of one colour; of an animation, what is border in every frame."""

    example: ClassVar[dict[str, Any]] = {"op": "trim", "threshold": 10}

    threshold: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=255,
            description="A channel may differ by up to this (of 255) and still be border. "
            "Default: 10, which forgives the noise of JPEG.",
        ),
    ] = 10.0
    background: (
        Annotated[
            Colour,
            msgspec.Meta(description="Colour of the border. Default: that of the top left pixel."),
        ]
        | None
    ) = None

    def apply(self, picture: Picture) -> Picture:
        """Find the box around what is no border, and crop each frame to it.

        A picture that is nothing but border stays as it is, and a warning says so.
        """
        picture = picture.random_access()
        box = self._content(picture.srgb())
        if box is None:
            message = "trim: the picture is of one colour, so nothing was cut away"
            return picture.noting(Note("warning", "trim-uniform", message))
        if box.size == picture.size:
            return picture
        return picture.map(lambda image: image.crop(*box), box.size)

    def _content(self, picture: Picture) -> Box | None:
        frames = [self._comparable(picture.frame(index)) for index in range(picture.frames)]
        border = self._border(frames[0])
        limit = self.threshold * full_scale(picture.image) / 255
        boxes = [bounds(((frame - border).abs() > limit).bandor()) for frame in frames]
        return union([box for box in boxes if box])

    def _comparable(self, image: Image) -> Image:
        """Let transparent pixels be alike, whatever colour hides in them."""
        if self.background:
            image = paintable(image, parse_colour(self.background))
        return image.premultiply() if image.hasalpha() else image

    def _border(self, first: Image) -> list[float]:
        if self.background is None:
            return [float(value) for value in first.getpoint(0, 0)]
        colour = parse_colour(self.background)
        channels = ink(first, colour)
        if first.hasalpha():
            channels[:-1] = [channel * colour.alpha / 255 for channel in channels[:-1]]
        return channels


def bounds(mask: Image) -> Box | None:
    """Return the smallest box around the pixels of a mask that are set, None without any."""
    columns, rows = mask.project()
    across, down = _extent(columns), _extent(rows)
    if across is None or down is None:
        return None
    return Box(across[0], down[0], across[1] - across[0], down[1] - down[0])


def union(boxes: Iterable[Box]) -> Box | None:
    """Return the smallest box around some boxes, None without any."""
    boxes = list(boxes)
    if not boxes:
        return None
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right = max(box.x + box.width for box in boxes)
    bottom = max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _extent(sums: Image) -> tuple[int, int] | None:
    values = memoryview(sums.write_to_memory()).cast("I")
    filled = [index for index, value in enumerate(values) if value]
    return (filled[0], filled[-1] + 1) if filled else None
