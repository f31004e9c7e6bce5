"""Fractal noise."""

import numpy as np

from .light import Array


def fractal(
    seed: int, shape: tuple[int, int], slope: float, *, aspect: float = 1, low: float = 0
) -> Array:
    """Return periodic noise of spectrum ``frequency ** -slope``, ``low`` cycles and up.

    ``aspect`` stretches it along x.
    """
    fy = np.fft.fftfreq(shape[0])[:, None] * max(shape)
    fx = np.fft.rfftfreq(shape[1]) * max(shape) * aspect
    frequency = np.maximum(np.hypot(fx, fy), 0.5)
    gain = np.where(frequency >= low, frequency**-slope, 0)
    gain[0, 0] = 0
    white = np.fft.rfft2(np.random.default_rng(seed).standard_normal(shape))
    noise = np.fft.irfft2(white * gain, s=shape)
    return np.asarray(noise / noise.std())
