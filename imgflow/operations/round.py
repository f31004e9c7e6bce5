"""Round: transparent corners, or all but a circle transparent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.geometry import Size, place
from imgflow.libvips import libvips
from imgflow.operations.canvas import clamp, colour_bands, with_alpha
from imgflow.operations.lengths import SomeShare, pixels_of
from imgflow.operations.operation import Operation
from imgflow.rules import AnyOf, Excludes, Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture


class Round(Operation, frozen=True, tag="round"):
    """Make the corners transparent along a smooth curve; nothing is cropped.

    The result needs a format with transparency; JPEG puts it on white.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("radius", "circle")),
        Excludes("radius", ("circle",)),
    )
    example: ClassVar[dict[str, Any]] = {"op": "round", "radius": 24}

    radius: (
        Annotated[
            float,
            msgspec.Meta(
                gt=0,
                le=65535,
                description="Radius of the corners: pixels, or a share of the shorter side "
                "like '10%'. '50%' leaves half circles.",
                examples=[24, "10%"],
            ),
        ]
        | SomeShare
        | None
    ) = None
    circle: Annotated[
        bool,
        msgspec.Meta(
            description="Keep the largest circle in the middle, and make all else transparent."
        ),
    ] = False

    def apply(self, picture: Picture) -> Picture:
        """Lower the opacity outside of the curve; its edge is antialiased."""
        if self.circle:
            mask = disc(picture.size)
        elif self.radius is None:
            return picture
        else:
            shorter = min(picture.size)
            mask = rounded(picture.size, min(pixels_of(self.radius, shorter), shorter / 2))
        return picture.map(lambda image: cut_out(image, mask), picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size


def cut_out(image: Image, mask: Image) -> Image:
    """Return the image with its opacity multiplied by a mask of one byte a pixel."""
    image = with_alpha(image)
    bands = colour_bands(image)
    colours, alpha = image.extract_band(0, n=bands), image.extract_band(bands)
    alpha = (alpha * mask / 255).rint().cast(image.format)
    return colours.bandjoin(alpha).copy(interpretation=image.interpretation)


def rounded(size: Size, radius: float) -> Image:
    """Return the mask of a rectangle with rounded corners: 255 inside, 0 outside.

    ``radius`` is at most half of the shorter side.
    """
    corner = quarter(radius)
    right, bottom = size.width - corner.width, size.height - corner.height
    mask: Image = libvips().Image.black(*size).invert()
    mask = mask.insert(corner, 0, 0).insert(corner.fliphor(), right, 0)
    return mask.insert(corner.flipver(), 0, bottom).insert(corner.rot180(), right, bottom)


def disc(size: Size) -> Image:
    """Return the mask of the largest circle in the middle of a rectangle."""
    diameter = min(size)
    square = Size(diameter, diameter)
    return rounded(square, diameter / 2).embed(*place(square, size, "centre"), *size)


def quarter(radius: float) -> Image:
    """Return the top left corner: how much of each pixel lies within the arc, of 255.

    The share is taken from the distance of the middle of the pixel to the arc, which is
    the usual approximation of the exact area.
    """
    side = math.ceil(radius)
    inwards = radius - 0.5 - libvips().Image.xyz(side, side)
    squares = clamp(inwards, 0, radius) ** 2
    distance = (squares[0] + squares[1]) ** 0.5
    share: Image = clamp(radius + 0.5 - distance, 0, 1)
    return (share * 255).rint().cast("uchar").copy_memory()
