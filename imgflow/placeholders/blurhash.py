"""BlurHash: a picture as some 30 characters (https://github.com/woltapp/blurhash, Algorithm.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
#: Waves along the longer and the shorter side.
_MORE, _LESS = 4, 3
#: Steps of the largest amplitude, and of one relative to it, on each side of zero.
_AMPLITUDES, _STEPS = 166, 9
_WHITE = 255
#: Linear light up to which sRGB is in proportion to it.
_LINEAR = 0.0031308


def blurhash(pixels: NDArray[np.uint8]) -> str:
    """Return the BlurHash of RGBA pixels (height x width x 4), laid on white."""
    opacity = pixels[..., 3:] / _WHITE
    laid = pixels[..., :3] * opacity + _WHITE * (1 - opacity)
    height, width = pixels.shape[:2]
    across, down = (_MORE, _LESS) if width >= height else (_LESS, _MORE)
    waves = _transform(_linear(laid / _WHITE), across, down)
    text = _base83((across - 1) + (down - 1) * 9, 1)
    loudest = int(np.clip(np.floor(abs(waves[1:]).max() * _AMPLITUDES - 0.5), 0, 82))
    relative = waves[1:] / ((loudest + 1) / _AMPLITUDES)
    rooted = np.sign(relative) * np.sqrt(abs(relative))
    steps = np.clip(np.floor(rooted * _STEPS + _STEPS + 0.5), 0, 2 * _STEPS).astype(int)
    text += _base83(loudest, 1) + _base83(_joined(_encoded(waves[0]), 256), 4)
    return text + "".join(_base83(_joined(step, 2 * _STEPS + 1), 2) for step in steps)


def _transform(light: NDArray[np.float64], across: int, down: int) -> NDArray[np.float64]:
    """Return the amplitudes of the cosine waves, x first, as rows of red, green and blue."""
    height, width = light.shape[:2]
    columns = np.cos(np.pi * np.outer(np.arange(across), np.arange(width)) / width)
    rows = np.cos(np.pi * np.outer(np.arange(down), np.arange(height)) / height)
    waves = np.einsum("jy,ix,yxc->jic", rows, columns, light) * (2 / (width * height))
    waves[0, 0] /= 2
    found: NDArray[np.float64] = waves.reshape(-1, 3)
    return found


def _linear(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return linear light of sRGB, both from 0 to 1."""
    return np.where(value <= 12.92 * _LINEAR, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _encoded(light: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return sRGB, 0 to 255, of linear light."""
    light = np.clip(light, 0, 1)
    value = np.where(light <= _LINEAR, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.floor(value * _WHITE + 0.5).astype(int)


def _joined(digits: NDArray[np.int_], radix: int) -> int:
    number = 0
    for digit in digits:
        number = number * radix + int(digit)
    return number


def _base83(value: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        value, rest = divmod(value, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return digits
