"""Put one image on another: what watermarks and captions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from imgflow.geometry import COMPASS, Compass, Size, place
from imgflow.operations.canvas import colour_bands, in_colour, is_gray
from imgflow.operations.lengths import Pixels, Share, pixels_of
from imgflow.operations.resampling import resample

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture

#: Distance to the edges unless told otherwise, as a share of the shorter side.
_MARGIN = 0.02

Gravity = Annotated[
    Compass, msgspec.Meta(description="Corner, edge or middle of the picture. Default: southeast.")
]
OffsetX = Annotated[
    Pixels | Share,
    msgspec.Meta(
        description="Distance to the left or right edge, with a centred gravity to the "
        "middle: pixels, or a share of the picture's width. Default: 2% of the shorter side, "
        "none where centred."
    ),
]
OffsetY = Annotated[
    Pixels | Share,
    msgspec.Meta(
        description="Distance to the top or bottom edge, with a centred gravity to the "
        "middle: pixels, or a share of the picture's height. Default: 2% of the shorter "
        "side, none where centred."
    ),
]
Opacity = Annotated[
    float, msgspec.Meta(ge=0, le=1, description="From 0, invisible, to 1. Default: 1.")
]


class Spot(NamedTuple):
    """Where a mark goes: a compass gravity and the distances to the edges it names."""

    gravity: str
    x: float | str | None
    y: float | str | None

    def locate(self, mark: Size, picture: Size) -> tuple[int, int]:
        """Return the top left corner of a mark that fits in the picture, always inside it."""
        corner = place(mark, picture, self.gravity)
        default = _MARGIN * min(picture)
        located = []
        for share, start, offset, inner, outer in zip(
            COMPASS[self.gravity], corner, (self.x, self.y), mark, picture, strict=True
        ):
            if offset is None:
                offset = 0 if share == 0.5 else default  # noqa: PLR2004, PLW2901
            away = round(pixels_of(offset, outer))
            moved = start - away if share == 1 else start + away
            located.append(min(max(moved, 0), outer - inner))
        return located[0], located[1]


def fit(mark: Image, picture: Size) -> Image:
    """Reduce a mark that is larger than the picture to fit in it."""
    scale = min(picture.width / mark.width, picture.height / mark.height)
    if scale >= 1:
        return mark
    return resample(mark, Size(mark.width, mark.height).scaled(scale, scale).within(picture))


def fade(mark: Image, opacity: float) -> Image:
    """Return an image with alpha at a share of its opacity."""
    if opacity == 1:
        return mark
    bands = colour_bands(mark)
    alpha = (mark.extract_band(bands) * opacity).rint().cast(mark.format)
    faded: Image = mark.extract_band(0, n=bands).bandjoin(alpha)
    return faded.copy(interpretation=mark.interpretation)


def stamp(picture: Picture, mark: Image, at: tuple[int, int], blend: str = "over") -> Picture:
    """Compose a mark with alpha, sRGB or gray, onto each frame.

    The picture becomes sRGB; a gray one stays gray under a gray mark. It gains no alpha.
    """
    picture = picture.srgb()
    if not is_gray(mark):
        picture = picture.replace(image=in_colour(picture.image))
    mark = mark.colourspace(picture.image.interpretation)

    def compose(image: Image) -> Image:
        composed = image.composite2(
            mark, blend, x=at[0], y=at[1], compositing_space=image.interpretation
        )
        composed = composed if image.hasalpha() else composed.extract_band(0, n=image.bands)
        return composed.cast(image.format)

    return picture.map(compose, picture.size)
