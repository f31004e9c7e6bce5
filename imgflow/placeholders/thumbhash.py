"""ThumbHash: a picture, its aspect and transparency in 25 bytes (evanw.github.io/thumbhash)."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Waves of the lightness along the longer side: fewer where there is transparency to tell of.
_WAVES, _WAVES_WITH_ALPHA = 7, 5
#: Waves along each side of the two differences of colour, and of the transparency.
_COLOUR_WAVES, _ALPHA_WAVES = 3, 5
_OPAQUE = 255
#: Below this a wave is a rounding error, which differs from machine to machine.
_FAINTEST = 1e-9


class _Channel(NamedTuple):
    """The mean of a channel, the amplitudes of its waves from 0 to 1, and the largest of them."""

    mean: float
    waves: list[float]
    scale: float


def thumbhash(pixels: NDArray[np.uint8]) -> str:
    """Return the ThumbHash of RGBA pixels (height x width x 4, at most 100 a side) in base64."""
    height, width = pixels.shape[:2]
    alpha = pixels[..., 3] / _OPAQUE
    seen = float(alpha.sum())
    has_alpha = seen < width * height
    limit = _WAVES_WITH_ALPHA if has_alpha else _WAVES
    across, down = (max(1, _round(limit * side / max(width, height))) for side in (width, height))
    red, green, blue = np.moveaxis(_laid_on_mean(pixels, alpha, seen), 2, 0)
    light = _analyse((red + green + blue) / 3, max(3, across), max(3, down))
    yellow = _analyse((red + green) / 2 - blue, _COLOUR_WAVES, _COLOUR_WAVES)
    ruddy = _analyse(red - green, _COLOUR_WAVES, _COLOUR_WAVES)
    channels = [light, yellow, ruddy]
    wide = width > height
    first = _round(63 * light.mean) | _round(31.5 + 31.5 * yellow.mean) << 6
    first |= _round(31.5 + 31.5 * ruddy.mean) << 12 | _round(31 * light.scale) << 18
    second = (down if wide else across) | _round(63 * yellow.scale) << 3
    second |= _round(63 * ruddy.scale) << 9 | wide << 15
    data = (first | has_alpha << 23).to_bytes(3, "little") + second.to_bytes(2, "little")
    if has_alpha:
        channels.append(_analyse(alpha, _ALPHA_WAVES, _ALPHA_WAVES))
        data += bytes([_round(15 * channels[3].mean) | _round(15 * channels[3].scale) << 4])
    data += _packed([_round(15 * wave) for channel in channels for wave in channel.waves])
    return base64.b64encode(data).decode()


def _laid_on_mean(
    pixels: NDArray[np.uint8], alpha: NDArray[np.float64], seen: float
) -> NDArray[np.float64]:
    """Return RGB from 0 to 1, laid on the mean of what can be seen."""
    weighted = pixels[..., :3] / _OPAQUE * alpha[..., None]
    mean = weighted.sum(axis=(0, 1)) / (seen or 1.0)
    laid: NDArray[np.float64] = mean * (1 - alpha[..., None]) + weighted
    return laid


def _analyse(channel: NDArray[np.float64], across: int, down: int) -> _Channel:
    """Return the cosine waves of a channel in a triangle: the finer across, the fewer down."""
    found = _cosines(down, channel.shape[0]) @ channel @ _cosines(across, channel.shape[1]).T
    found /= channel.size
    kept = [
        float(found[y, x])
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, *waves = kept
    scale = max(map(abs, waves))
    if scale < _FAINTEST:
        return _Channel(mean, [0.0] * len(waves), 0.0)
    return _Channel(mean, [0.5 + 0.5 / scale * wave for wave in waves], scale)


def _cosines(waves: int, length: int) -> NDArray[np.float64]:
    return np.cos(np.pi / length * np.outer(np.arange(waves), np.arange(length) + 0.5))


def _packed(nibbles: list[int]) -> bytes:
    """Return numbers of four bits as bytes, the lower half first."""
    pairs = zip(nibbles[::2], [*nibbles[1::2], 0], strict=False)
    return bytes(low | high << 4 for low, high in pairs)


def _round(value: float) -> int:
    return math.floor(value + 0.5)
