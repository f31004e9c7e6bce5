"""A picture so small that it fits into a style sheet."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from imgflow.encoders.webp import Webp

if TYPE_CHECKING:
    from pyvips import Image

#: The characters that the URI shall have at most.
MOST_CHARACTERS = 300
#: Longest sides in pixels to try, and the quality: more pixels do more than better ones.
_SIDES = (32, 28, 24, 20, 16, 14, 12, 10, 8, 6, 4)
_ENCODER = Webp(quality=40, alpha_quality=40, effort="max")


def tiny_uri(image: Image) -> str:
    """Return a WebP of an RGBA image as a ``data:`` URI, the largest of 32 pixels or less.

    It has at most 300 characters, but for rare pictures whose smallest copy has more.
    """
    if image.extract_band(3).min() == 255:  # noqa: PLR2004 - opaque
        image = image.extract_band(0, n=3)
    uri = ""
    for side in _SIDES:
        data = _ENCODER.encode(_reduced(image, side), 0)
        uri = f"data:image/webp;base64,{base64.b64encode(data).decode()}"
        if len(uri) <= MOST_CHARACTERS:
            break
    return uri


def _reduced(image: Image, side: int) -> Image:
    scale = min(1.0, side / max(image.width, image.height))
    if scale == 1.0:
        return image
    size = {name: max(1, round(getattr(image, name) * scale)) for name in ("width", "height")}
    made: Image = image.thumbnail_image(size["width"], height=size["height"], size="force")
    return made.copy_memory()
