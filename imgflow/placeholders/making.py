"""Make the placeholders of a picture, from a copy of at most 100 pixels a side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.operations.resize import Resize
from imgflow.placeholders.placeholders import Placeholders
from imgflow.profiles import to_srgb

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.geometry import Size

#: The longest side of the copy, in pixels: ThumbHash takes no more.
LONGEST = 100
_OPAQUE = 255


def reduction(size: Size) -> Resize:
    """Return the step that makes the copy of a picture of ``size``.

    It gives both sides, so that no output is ever made from the copy.
    """
    scale = min(1.0, LONGEST / max(size))
    width, height = size.scaled(scale, scale)
    return Resize(width=width, height=height, fit="fill")


def make_placeholders(picture: Picture) -> Placeholders:
    """Return the placeholders of a picture that :func:`reduction` made; computes its pixels."""
    from imgflow.placeholders.blurhash import blurhash
    from imgflow.placeholders.dominant import dominant_colour
    from imgflow.placeholders.lqip import tiny_uri
    from imgflow.placeholders.thumbhash import thumbhash

    image = to_srgb(picture.frame(0)).colourspace("srgb")
    if not image.hasalpha():
        image = image.bandjoin(_OPAQUE)
    image = image.cast("uchar").copy_memory()
    pixels = image.numpy()
    return Placeholders(
        colour=dominant_colour(pixels),
        blurhash=blurhash(pixels),
        thumbhash=thumbhash(pixels),
        lqip=tiny_uri(image),
        alpha=bool((pixels[..., 3] < _OPAQUE).any()),
    )
