"""Pad: more canvas around the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import Colour
from imgflow.geometry import Compass, Size, parse_aspect, place, round_length
from imgflow.operations.aspects import Aspect
from imgflow.operations.canvas import backdrop, extend
from imgflow.operations.extent import check_grown
from imgflow.operations.lengths import Pixels
from imgflow.operations.operation import Operation
from imgflow.rules import AnyOf, Excludes, Needs, Rule

if TYPE_CHECKING:
    from imgflow.frames import Picture

_SIDES = ("all", "top", "right", "bottom", "left")


class Pad(Operation, frozen=True, tag="pad"):
    """Add a border: so many pixels a side, or as much as an aspect takes."""

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf((*_SIDES, "aspect")),
        Excludes("aspect", _SIDES),
        Needs("gravity", ("aspect",)),
    )
    example: ClassVar[dict[str, Any]] = {"op": "pad", "aspect": "1:1", "background": "#f4f1ea"}

    all: Annotated[
        Pixels, msgspec.Meta(description="Pixels on every side that is not named. Default: 0.")
    ] = 0
    top: Annotated[Pixels, msgspec.Meta(description="Pixels above.")] | None = None
    right: Annotated[Pixels, msgspec.Meta(description="Pixels on the right.")] | None = None
    bottom: Annotated[Pixels, msgspec.Meta(description="Pixels below.")] | None = None
    left: Annotated[Pixels, msgspec.Meta(description="Pixels on the left.")] | None = None
    aspect: (
        Annotated[
            Aspect,
            msgspec.Meta(
                description="Width to height of the result: the smallest canvas of this shape "
                "that holds the picture."
            ),
        ]
        | None
    ) = None
    gravity: Annotated[
        Compass,
        msgspec.Meta(description="Where the picture lies on a canvas of an aspect."),
    ] = "centre"
    background: (
        Annotated[
            Colour,
            msgspec.Meta(
                description="Colour of the border. Default: transparent if the picture has "
                "transparency, else white."
            ),
        ]
        | None
    ) = None

    def apply(self, picture: Picture) -> Picture:
        """Place each frame on a larger canvas."""
        size = self.outline(picture.size)
        if size == picture.size:
            return picture
        x, y = self._position(picture.size, size)
        check_grown(self.name(), size, picture.frames)
        colour = backdrop(picture, self.background)
        return picture.map(lambda image: extend(image, x, y, size, colour), size)

    def outline(self, size: Size) -> Size:
        """Return the size with its border."""
        if self.aspect is not None:
            return smallest_with_aspect(size, parse_aspect(self.aspect))
        top, right, bottom, left = (
            self.all if side is None else side
            for side in (self.top, self.right, self.bottom, self.left)
        )
        return Size(left + size.width + right, top + size.height + bottom)

    def _position(self, inner: Size, outer: Size) -> tuple[int, int]:
        if self.aspect is not None:
            return place(inner, outer, self.gravity)
        return (
            self.all if self.left is None else self.left,
            self.all if self.top is None else self.top,
        )


def smallest_with_aspect(inner: Size, ratio: float) -> Size:
    """Return the smallest size of aspect ``ratio`` (width / height) that holds ``inner``."""
    if inner.width > inner.height * ratio:
        return Size(inner.width, max(inner.height, round_length(inner.width / ratio)))
    return Size(max(inner.width, round_length(inner.height * ratio)), inner.height)
