"""Rotate: by quarter turns without loss, by any other angle with bicubic interpolation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import Colour, Rgba
from imgflow.geometry import Size
from imgflow.libvips import libvips
from imgflow.operations.canvas import backdrop, ink, paintable
from imgflow.operations.extent import check_grown
from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture

_TURNS = {90: "d90", 180: "d180", 270: "d270"}
#: What the interpolation reads around a pixel, so that edges fade into the background.
_MARGIN = 2
#: Forgives the last digits of a sine, so that no column is added for nothing.
_SLACK = 1e-6


class Rotate(Operation, frozen=True, tag="rotate"):
    """Turn the picture clockwise; multiples of 90 degrees are exact, others grow the canvas."""

    example: ClassVar[dict[str, Any]] = {"op": "rotate", "angle": 90}

    angle: Annotated[
        float,
        msgspec.Meta(
            ge=-36000,
            le=36000,
            description="Degrees clockwise; negative turns the other way.",
            examples=[90, -90, 2.5],
        ),
    ]
    background: (
        Annotated[
            Colour,
            msgspec.Meta(
                description="Colour of the corners that an angle other than a multiple of 90 "
                "opens. Default: transparent if the picture has transparency, else white."
            ),
        ]
        | None
    ) = None

    def apply(self, picture: Picture) -> Picture:
        """Turn each frame."""
        angle = self.angle % 360
        if angle == 0:
            return picture
        size = self.outline(picture.size)
        picture = picture.random_access()
        if angle in _TURNS:
            return picture.map(lambda image: image.rot(_TURNS[int(angle)]), size)
        check_grown(self.name(), size, picture.frames)
        colour = backdrop(picture, self.background)
        return picture.map(lambda image: turn(image, angle, size, colour), size)

    def outline(self, size: Size) -> Size:
        """Return the bounding box of the turned picture, rounded up to whole pixels."""
        angle = self.angle % 360
        if angle % 90 == 0:
            return Size(size.height, size.width) if angle % 180 else size
        sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
        return Size(
            math.ceil(size.width * cosine + size.height * sine - _SLACK),
            math.ceil(size.width * sine + size.height * cosine - _SLACK),
        )

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Quarter turns do not care about the number of pixels."""
        return ANY_SHRINK if self.angle % 90 == 0 else 1.0


def turn(image: Image, angle: float, size: Size, colour: Rgba) -> Image:
    """Turn an image about its middle into the middle of a canvas, its edges antialiased."""
    image = paintable(image, colour)
    if not image.hasalpha():
        return _turn(image, angle, size, ink(image, colour))
    sample = image.format
    if colour.alpha == 0:
        image = _turn(image.premultiply(), angle, size, [0.0] * image.bands)
        return image.unpremultiply().rint().cast(sample)
    channels = ink(image, colour)
    share = colour.alpha / 255
    premultiplied = [*(channel * share for channel in channels[:-1]), channels[-1]]
    return (
        _turn(image.premultiply(), angle, size, premultiplied).unpremultiply().rint().cast(sample)
    )


def _turn(image: Image, angle: float, size: Size, background: list[float]) -> Image:
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    wide, high = image.width + 2 * _MARGIN, image.height + 2 * _MARGIN
    image = image.embed(_MARGIN, _MARGIN, wide, high, extend="background", background=background)
    turned: Image = image.affine(
        [cosine, -sine, sine, cosine],
        interpolate=libvips().Interpolate.new("bicubic"),
        oarea=[0, 0, *size],
        idx=-(wide - 1) / 2,
        idy=-(high - 1) / 2,
        odx=(size.width - 1) / 2,
        ody=(size.height - 1) / 2,
        background=background,
    )
    return turned
