"""From sRGB to linear light, and on to XYB, the colour space in which errors are measured.

The matrix and the bias are those of JPEG XL (ISO/IEC 18181-1, opsin inverse matrix); the
offsets that make the channels positive are those of the reference. As the errors of rounding
count (see :mod:`imgflow.quality.recursion`), the coarser scales are converted with the very
approximations that libjxl uses: a rational polynomial for the curve of sRGB, and Newton's
iteration for the cube root.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from imgflow.quality.weights import BLUE_YELLOW, BRIGHTNESS, RED_GREEN

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    Singles = NDArray[np.float32]

_MIX = np.array(
    [
        [0.30, 0.622, 0.078],
        [0.23, 0.692, 0.078],
        [0.24342268924547819, 0.20476744424496821, 0.5518098665095536],
    ],
    np.float32,
)
_BIAS = np.float32(0.0037930732552754493)
_BIAS_ROOT = np.float32(math.cbrt(_BIAS))
_HALF, _THIRD, _FOUR_THIRDS = np.float32(0.5), np.float32(1 / 3), np.float32(4 / 3)
_BRIGHTNESS_OFFSET = np.float32(0.01)

# Coefficients of the curve of sRGB above its linear part, from the constant upwards.
_ABOVE = (2.200248328e-04, 1.043637593e-02, 1.624820318e-01, 7.961564959e-01, 8.210152774e-01)
_BELOW = (2.631846970e-01, 1.076976492e00, 4.987528350e-01, -5.512498495e-02, 6.521209011e-03)
_LINEAR_PART = np.float32(0.04045)
_SLOPE = np.float32(1 / 12.92)


def linear(encoded: Singles) -> Singles:
    """Return linear light for values of sRGB, both 0 to 1."""
    above, below = (_polynomial(encoded, factors) for factors in (_ABOVE, _BELOW))
    return np.where(encoded > _LINEAR_PART, above / below, encoded * _SLOPE)


@functools.cache
def linear_table(codes: int) -> Singles:
    """Return linear light for all values of a channel that has 256 or 65,536 of them."""
    return linear(np.arange(codes, dtype=np.float32) * np.float32(1 / (codes - 1)))


def brightness(light: Singles, out: Singles) -> None:
    """Compute the Y channel from linear light (3, height, width), for the finest scale."""
    red, green, blue = light
    common = blue * _MIX[0, 2]
    common += _BIAS
    np.copyto(out, _BRIGHTNESS_OFFSET - _BIAS_ROOT)
    for mix in _MIX[:2]:
        cone = red * mix[0]
        cone += green * mix[1]
        cone += common
        root = _cube_root(cone)
        root *= _HALF
        out += root


def opsin(light: Singles, channels: Collection[int]) -> dict[int, Singles]:
    """Return channels of XYB from linear light (3, height, width), to the last bit."""
    long, middle = (_cone(light, row) for row in (0, 1))
    found = {}
    bright = _HALF * (long + middle)
    if RED_GREEN in channels:
        found[RED_GREEN] = _HALF * (long - middle) * np.float32(14) + np.float32(0.42)
    if BLUE_YELLOW in channels:
        found[BLUE_YELLOW] = (_cone(light, 2) - bright) + np.float32(0.55)
    if BRIGHTNESS in channels:
        found[BRIGHTNESS] = bright + _BRIGHTNESS_OFFSET
    return found


def _cone(light: Singles, row: int) -> Singles:
    """Return the answer of one kind of cone of the eye to linear light."""
    mix = _MIX[row]
    answer = _fused(light[2], mix[2], _BIAS)
    answer = _fused(light[1], mix[1], answer)
    answer = _fused(light[0], mix[0], answer)
    return _newton_root(answer, -_BIAS_ROOT)


def _newton_root(values: Singles, offset: np.float32) -> Singles:
    """Return cube roots of positive values, plus an offset, within 6 units in the last place.

    Agner Fog's iteration for the inverse cube root, in the order of operations of libjxl.
    """
    exponent = values.view(np.int32) >> 23
    exponent *= -0x002AAAAA
    exponent += 0x54800000
    root = exponent.view(np.float32)
    third = values * -_THIRD
    for _ in range(3):
        square = root * root
        square *= square
        root = _fused(third, square, root * _FOUR_THIRDS)
    square = root * root
    square *= square
    root = _fused(_fused(-values, square, root), _THIRD, root)
    return _fused(root * root, values, offset)


def _cube_root(values: Singles) -> Singles:
    """Return cube roots of positive values, within 2e-7, in fewer steps (Halley's iteration)."""
    bits = values.view(np.int32) // 3
    bits += 0x2A5119F2
    root = bits.view(np.float32)
    twice = values + values
    for _ in range(2):
        cube = root * root
        cube *= root
        below = cube + cube
        below += values
        cube += twice
        cube /= below
        root = root * cube
    return root


def _polynomial(values: Singles, factors: tuple[float, ...]) -> Singles:
    """Evaluate by Horner's rule, fused."""
    result = np.full_like(values, factors[-1])
    for factor in factors[-2::-1]:
        result = _fused(result, values, np.float32(factor))
    return result


def _fused(one: Singles, two: Singles | np.float32, three: Singles | np.float32) -> Singles:
    """Return ``one * two + three`` rounded once, as a fused multiply-add does."""
    result = np.multiply(one, two, dtype=np.float64)
    result += three
    return result.astype(np.float32)
