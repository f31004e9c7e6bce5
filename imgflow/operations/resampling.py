"""Resample pixels to another size with Lanczos3: antialiased down, true Lanczos up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.geometry import Size, round_length
from imgflow.operations.enlarging import enlarge

if TYPE_CHECKING:
    from pyvips import Image

_GRAY = ("b-w", "grey16")
_WHOLE = ("uchar", "ushort")


def resample(image: Image, size: Size, *, linear: bool = False) -> Image:
    """Return the image at exactly ``size``, in the format and colour space it came in.

    Colours are weighted by their opacity. With ``linear`` the work is done in linear light,
    on an sRGB or gray image. An image that grows must be readable in any order.
    """
    if (image.width, image.height) == size:
        return image
    before = image
    if linear:
        image = image.colourspace("scrgb")
    if image.hasalpha():
        image = _scale(image.premultiply(), size).unpremultiply()
    else:
        image = _scale(image, size)
    if linear:
        return image.colourspace(_space(before))
    if image.format == before.format:
        return image
    return (image.rint() if before.format in _WHOLE else image).cast(before.format)


def reduce_loosely(image: Image, extent: tuple[float, float], size: Size) -> Image | None:
    """Reduce an image that lacks a part of a pixel at its edge: it is ``extent`` pixels large.

    The scale is then that of the whole picture, at no cost. None if the result would not
    come to ``size``, because what is missing is too much of a pixel of the result.
    """
    x, y = size.width / extent[0], size.height / extent[1]
    if size != (round_length(image.width * x), round_length(image.height * y)):
        return None
    reduced: Image = image.resize(x, vscale=y, kernel="lanczos3")
    return reduced


def _scale(image: Image, size: Size) -> Image:
    """Whatever shrinks is done first: it leaves less to enlarge."""
    shrunk = size.within(Size(image.width, image.height))
    if shrunk != (image.width, image.height):
        if image.format == "ushort":  # libvips' weights for whole numbers lose 0.5 % of white
            image = image.cast("float")
        x, y = shrunk.width / image.width, shrunk.height / image.height
        image = image.resize(x, vscale=y, kernel="lanczos3")
    return image if shrunk == size else enlarge(image, size)


def _space(image: Image) -> str:
    deep = image.format == "ushort"
    if image.interpretation in _GRAY:
        return "grey16" if deep else "b-w"
    return "rgb16" if deep else "srgb"
