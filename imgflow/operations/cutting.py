"""Cut a box out of a picture, be it reduced or not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from imgflow.geometry import Box, Cut, to_pixels
from imgflow.libvips import libvips

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture

#: A box may be this far from where it should be, in reduced pixels, before it is moved.
_TOLERANCE = 0.125
#: The weights of a shift are whole numbers that sum up to about this.
_UNIT = 64
_LOBES = 3


def cut(picture: Picture, box: Box) -> Picture:
    """Return the part of each frame within ``box``, which lies inside of the picture.

    In a reduced picture the edges of the box may fall between pixels. Its content is then
    moved by a part of a pixel, so that a resize that follows shows it where it belongs.
    """
    if box == (0, 0, *picture.size):
        return picture
    if not picture.reduced:
        return picture.map(lambda image: image.crop(*box))
    picture = picture.filled()
    place = to_pixels(box, picture.size, picture.pixel_size)
    return picture.map(lambda image: _shifted(image, place).crop(*place.box), box.size)


def _shifted(image: Image, place: Cut) -> Image:
    """Move pixels, colours weighted by their opacity; 8-bit ones are moved in whole numbers."""
    if max(abs(place.x), abs(place.y)) <= _TOLERANCE:
        return image
    if image.hasalpha():
        return _convolved(image.premultiply(), place).unpremultiply().rint().cast(image.format)
    moved = _convolved(image, place)
    return moved if moved.format == image.format else moved.rint().cast(image.format)


def _convolved(image: Image, place: Cut) -> Image:
    precision = "integer" if image.format == "uchar" else "float"
    for share, upright in ((place.x, False), (place.y, True)):
        if abs(share) > _TOLERANCE:
            mask = _lanczos(share)
            rows = [[weight] for weight in mask] if upright else [mask]
            kernel = libvips().Image.new_from_array(rows, scale=sum(mask))
            image = image.conv(kernel, precision=precision)
    return image


def _lanczos(share: float) -> list[int]:
    """Return the weights of a Lanczos3 interpolation between pixels."""
    steps = [index - share for index in range(-_LOBES, _LOBES + 1)]
    window = [_sinc(step) * _sinc(step / _LOBES) if abs(step) < _LOBES else 0.0 for step in steps]
    return [round(weight / sum(window) * _UNIT) for weight in window]


def _sinc(x: float) -> float:
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0
