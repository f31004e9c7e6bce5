"""Pictures for tests, and judges that share no code with imgflow.

Photographs come from scikit-image; Pillow encodes and decodes; SSIM tells how alike two
pictures look.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from skimage import data
from skimage.metrics import structural_similarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


def portrait() -> Pixels:
    """Return a photograph of a woman: RGB, 512x512, her face at about (175, 65), 100x130."""
    return np.asarray(data.astronaut(), dtype=np.uint8)


def cat() -> Pixels:
    """Return a photograph of a cat: RGB, 451x300 (width x height)."""
    return np.asarray(data.chelsea(), dtype=np.uint8)


def coffee() -> Pixels:
    """Return a photograph of a cup of coffee: RGB, 600x400."""
    return np.asarray(data.coffee(), dtype=np.uint8)


def cameraman() -> Pixels:
    """Return a gray photograph, 512x512."""
    return np.asarray(data.camera(), dtype=np.uint8)


def with_alpha(pixels: Pixels) -> Pixels:
    """Return RGBA: opaque in the middle, fading to transparent at the border."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    alpha = np.clip((1 - np.hypot(x, y)) * 510, 0, 255).astype(np.uint8)
    return np.dstack([pixels, alpha])


def encoded(pixels: Any, fmt: str = "PNG", **options: Any) -> bytes:
    """Encode an array or a Pillow image with Pillow."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, fmt, **options)
    return stream.getvalue()


def decoded(file: bytes, mode: str | None = None) -> Pixels:
    """Decode a file with Pillow, into ``mode`` if one is given."""
    image = Image.open(io.BytesIO(file))
    return np.asarray(image.convert(mode) if mode else image)


def likeness(one: Pixels, two: Pixels) -> float:
    """Return the structural similarity of two pictures of one size: 1.0 is identical."""
    assert one.shape == two.shape, f"{one.shape} and {two.shape}"
    shortest = min(one.shape[:2])
    window = min(7, shortest - 1 + shortest % 2)
    return float(
        structural_similarity(
            one, two, channel_axis=-1 if one.ndim == 3 else None, win_size=window, data_range=255
        )
    )
