"""Grayscale: brightness without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from imgflow.operations.canvas import is_gray
from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.geometry import Size


class Grayscale(Operation, frozen=True, tag="grayscale"):
    """Take the colour away; what remains is the luminance, as bright as the eye saw it."""

    example: ClassVar[dict[str, Any]] = {"op": "grayscale"}

    def apply(self, picture: Picture) -> Picture:
        """Replace the colours of each pixel by one channel; transparency stays."""
        picture = picture.srgb()
        if is_gray(picture.image):
            return picture
        return picture.map(gray, picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Do not care: each pixel is looked at by itself."""
        return ANY_SHRINK


def gray(image: Image) -> Image:
    """Return the CIE luminance of an sRGB image, in its depth."""
    return image.colourspace("grey16" if image.format == "ushort" else "b-w")
