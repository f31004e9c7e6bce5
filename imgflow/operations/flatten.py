"""Flatten: put the picture on a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import OpaqueColour, parse_colour
from imgflow.operations.canvas import ink, paintable
from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.geometry import Size


class Flatten(Operation, frozen=True, tag="flatten"):
    """Fill what is transparent with a colour; a picture without transparency stays as it is."""

    example: ClassVar[dict[str, Any]] = {"op": "flatten", "background": "#f4f1ea"}

    background: Annotated[
        OpaqueColour, msgspec.Meta(description="The colour behind the picture. Default: white.")
    ] = "white"

    def apply(self, picture: Picture) -> Picture:
        """Blend each frame with the colour."""
        if not picture.has_alpha:
            return picture
        colour = parse_colour(self.background)

        def fill(image: Image) -> Image:
            image = paintable(image, colour)
            return image.flatten(background=ink(image, colour)[:-1])

        return picture.map(fill, picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Do not care: to blend and to average pixels commute."""
        return ANY_SHRINK
