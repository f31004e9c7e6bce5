"""From linear light to a photograph."""

import numpy as np
from PIL import Image

from .light import Array


def develop(light: Array, size: tuple[int, int], grain: float = 1.5) -> Image.Image:
    """Turn linear light into a picture: vignette, film curve, final size and grain."""
    y, x = (np.linspace(-1, 1, count) for count in light.shape[:2])
    lit = 0.8 * np.maximum(light, 0) * (1 - 0.2 * (x**2 + y[:, None] ** 2))[..., None]
    curve = np.clip(lit * (2.51 * lit + 0.03) / (lit * (2.43 * lit + 0.59) + 0.14), 0, 1)
    picture = Image.fromarray((255 * curve ** (1 / 2.2)).astype(np.uint8))
    pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
    noise = np.random.default_rng(1).standard_normal((size[1], size[0], 1))
    return Image.fromarray((np.clip(pixels + grain * noise, 0, 255)).astype(np.uint8))
