"""Maps of numbers and pictures in linear light, and how they mix."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Colour = tuple[float, float, float]  # in linear light


def blur(image: Array, sigma: float) -> Array:
    """Return one band after a Gaussian blur of ``sigma`` pixels that wraps around."""
    fy, fx = np.fft.fftfreq(image.shape[0])[:, None], np.fft.rfftfreq(image.shape[1])
    gain = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    return np.asarray(np.fft.irfft2(np.fft.rfft2(image) * gain, s=image.shape))


def smooth(low: float, high: float, value: Array) -> Array:
    """Step smoothly from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def tint(level: Array, colour: Colour) -> Array:
    """Return light of one colour and the given brightness."""
    return np.asarray(level[..., None] * np.array(colour))


def mix(first: Array | Colour, second: Array | Colour, share: Array) -> Array:
    """Blend two colours or pictures; ``share`` (one band) is that of the second."""
    return np.asarray(first + np.subtract(second, first) * share[..., None])
