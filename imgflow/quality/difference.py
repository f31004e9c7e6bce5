"""A picture of where two pictures differ: the reference in gray, the errors as heat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgflow.libvips import libvips
from imgflow.profiles import to_srgb

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyvips import Image

    from imgflow.quality.reference import Reference

#: The error that is drawn in the last colour, as blocks and smears look that anybody sees.
_HOTTEST = 0.12
#: Lifts small errors a little.
_LIFT = 0.7
#: Colours of the heat, at equal steps.
_RAMP = ((255, 255, 255), (255, 221, 64), (255, 120, 0), (214, 0, 60), (110, 0, 110))
#: Shades of gray that black and white become, so that the heat stands out.
_BLACK, _WHITE = 70, 255


def draw_difference(reference: Reference, original: Image, image: Image) -> bytes:
    """Return a PNG that shows where an image differs from the original of a reference.

    Both have the size of the reference. The scale of colours is always the same, so that
    pictures can be compared: none is no error, then yellow, orange, red and violet.
    """
    heat = np.clip(reference.errors(image) / _HOTTEST, 0, 1) ** _LIFT
    gray = _gray(original)
    steps = np.linspace(0, 1, len(_RAMP))
    colours = [np.interp(heat, steps, [colour[band] for colour in _RAMP]) for band in range(3)]
    shaded = np.dstack([gray * (colour / 255) for colour in colours])
    picture = libvips().Image.new_from_array(np.rint(shaded).astype(np.uint8))
    data: bytes = picture.copy(interpretation="srgb").pngsave_buffer(compression=6)
    return data


def _gray(image: Image) -> NDArray[np.float64]:
    """Return the brightness of an image on white, between two shades."""
    image = to_srgb(image)
    if image.hasalpha():
        image = image.flatten(background=[255 if image.format == "uchar" else 65535])
    image = image.colourspace("b-w").extract_band(0)
    return np.asarray(image) / 255 * (_WHITE - _BLACK) + _BLACK
