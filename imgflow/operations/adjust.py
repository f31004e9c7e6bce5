"""Adjust: brightness, contrast, saturation, hue and gamma."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.libvips import libvips
from imgflow.operations.canvas import colour_bands, full_scale, is_gray
from imgflow.operations.operation import Operation
from imgflow.rules import AnyOf, Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.geometry import Size

    Matrix = list[list[float]]

Factor = Annotated[float, msgspec.Meta(ge=0, le=10)]

#: Luma weights of the ``feColorMatrix`` of SVG, which CSS filters share.
_LUMA = (0.213, 0.715, 0.072)
#: What the sine of a hue rotation weighs, row by row (SVG 1.1, section 15.10).
_HUE_SINE = ((-0.213, -0.715, 0.928), (0.143, 0.140, -0.283), (-0.787, 0.715, 0.072))


class Adjust(Operation, frozen=True, tag="adjust"):
    """Change brightness, contrast, saturation, hue or gamma, as the CSS filters of these names.

    They apply in the order saturation, hue, brightness, contrast, gamma.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("brightness", "contrast", "saturation", "hue", "gamma")),
    )
    example: ClassVar[dict[str, Any]] = {"op": "adjust", "brightness": 1.1, "saturation": 1.2}

    brightness: Annotated[
        Factor, msgspec.Meta(description="Factor on all channels; 0 is black. Default: 1.")
    ] = 1.0
    contrast: Annotated[
        Factor,
        msgspec.Meta(description="Factor on the distance to mid-gray; 0 is gray. Default: 1."),
    ] = 1.0
    saturation: Annotated[
        Factor,
        msgspec.Meta(description="Factor on the colourfulness; 0 is without colour. Default: 1."),
    ] = 1.0
    hue: Annotated[
        float,
        msgspec.Meta(
            ge=-360, le=360, description="Degrees by which hues turn on the wheel. Default: 0."
        ),
    ] = 0.0
    gamma: Annotated[
        float,
        msgspec.Meta(
            ge=0.1,
            le=10,
            description="Above 1 lifts the midtones, below 1 deepens them; black and white "
            "stay. Default: 1.",
        ),
    ] = 1.0

    def apply(self, picture: Picture) -> Picture:
        """Send the colours of each pixel through one matrix and one curve."""
        picture = picture.srgb()
        return picture.map(self._adjust, picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def _adjust(self, image: Image) -> Image:
        bands = colour_bands(image)
        colours = image.extract_band(0, n=bands)
        if not is_gray(image) and (self.saturation != 1 or self.hue % 360):
            matrix = product(hue_matrix(self.hue), saturation_matrix(self.saturation))
            colours = colours.recomb(libvips().Image.new_from_array(matrix))
        factor = self.brightness * self.contrast
        offset = full_scale(image) / 2 * (1 - self.contrast)
        colours = colours.linear([factor] * bands, [offset + 0.5] * bands).cast(image.format)
        if self.gamma != 1:
            colours = colours.gamma(exponent=self.gamma)
        if image.hasalpha():
            colours = colours.bandjoin(image.extract_band(bands))
        return colours.copy(interpretation=image.interpretation)


def saturation_matrix(factor: float) -> Matrix:
    """Return the 3x3 matrix of ``saturate`` (SVG 1.1, section 15.10)."""
    return [
        [weight * (1 - factor) + (factor if row == column else 0) for column, weight in _weights()]
        for row in range(3)
    ]


def hue_matrix(degrees: float) -> Matrix:
    """Return the 3x3 matrix of ``hueRotate`` (SVG 1.1, section 15.10)."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return [
        [
            weight + cosine * ((row == column) - weight) + sine * _HUE_SINE[row][column]
            for column, weight in _weights()
        ]
        for row in range(3)
    ]


def product(one: Matrix, two: Matrix) -> Matrix:
    """Return the matrix that does ``two`` and then ``one``."""
    columns = list(zip(*two, strict=True))
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in one
    ]


def _weights() -> enumerate[float]:
    return enumerate(_LUMA)
