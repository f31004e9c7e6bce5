"""Resample pixels to another size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.geometry import Size


def resample(image: Image, size: Size) -> Image:
    """Return the image at exactly ``size``, with Lanczos3, alpha premultiplied."""
    if (image.width, image.height) == size:
        return image
    if not image.hasalpha():
        return image.resize(
            size.width / image.width, vscale=size.height / image.height, kernel="lanczos3"
        )
    sample = image.format
    image = image.premultiply()
    image = image.resize(
        size.width / image.width, vscale=size.height / image.height, kernel="lanczos3"
    )
    return image.unpremultiply().cast(sample)
