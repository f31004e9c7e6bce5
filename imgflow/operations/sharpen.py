"""Sharpen: an unsharp mask on the brightness, so that no colour fringes appear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.operations.blur import gaussian
from imgflow.operations.canvas import clamp, colour_bands, full_scale, is_gray
from imgflow.operations.operation import Operation

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.geometry import Size

#: Luma of non-linear sRGB values, ITU-R BT.709.
_LUMA = (0.2126, 0.7152, 0.0722)


class Sharpen(Operation, frozen=True, tag="sharpen"):
    """Make edges crisper with an unsharp mask on the brightness; the defaults suit web photos."""

    example: ClassVar[dict[str, Any]] = {"op": "sharpen"}

    sigma: Annotated[
        float,
        msgspec.Meta(
            ge=0.3,
            le=20,
            description="Standard deviation of the mask in pixels: the width of the details "
            "that gain. Default: 1.",
        ),
    ] = 1.0
    amount: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=10,
            description="How much of the difference to the blurred picture is added. Default: 0.5.",
        ),
    ] = 0.5
    threshold: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=255,
            description="Differences in brightness (of 255) up to this are left alone, so "
            "that noise does not gain. Default: 1.",
        ),
    ] = 1.0

    def apply(self, picture: Picture) -> Picture:
        """Sharpen each frame."""
        picture = picture.srgb()
        return picture.map(self._sharpen, picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def _sharpen(self, image: Image) -> Image:
        bands = colour_bands(image)
        colours = image.extract_band(0, n=bands)
        luma = colours if is_gray(image) else _weigh(colours)
        detail = luma - self._blurred(luma, image)
        limit = self.threshold * full_scale(image) / 255
        detail -= clamp(detail, -limit, limit)
        sharp = (colours + detail * self.amount + 0.5).cast(image.format)
        if image.hasalpha():
            sharp = sharp.bandjoin(image.extract_band(bands))
        return sharp.copy(interpretation=image.interpretation)

    def _blurred(self, luma: Image, image: Image) -> Image:
        """Blur, not letting hidden colours of transparent pixels into visible ones."""
        if not image.hasalpha():
            return gaussian(luma.cast("float"), self.sigma)
        alpha = image.extract_band(image.bands - 1).cast("float")
        weight = gaussian(alpha, self.sigma)
        return (weight > 0).ifthenelse(gaussian(luma * alpha, self.sigma) / weight, luma)


def _weigh(colours: Image) -> Image:
    red, green, blue = colours.bandsplit()[:3]
    weighed: Image = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
    return weighed
