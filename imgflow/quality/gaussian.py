"""The Gaussian window of SSIMULACRA2, sigma 1.5, in the two forms that are computed here.

It is the truncated cosine approximation of D. Charalampidis, "Recursive Implementation of the
Gaussian Filter Using Truncated Cosine Functions", IEEE Transactions on Signal Processing 64
(14), 2016; the numbers in brackets are its equations. Its impulse response is a sum of three
cosines, so the same window is a filter of nine taps, and three recursions of second order.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

_SIGMA = 1.5
#: Half-width of the window (57); its outermost tap is zero.
RADIUS = round(3.2795 * _SIGMA + 0.2546)


class Pole(NamedTuple):
    """One of the three recursions whose sum is the window (35).

    ``y[n] = gain * (x[n - RADIUS - 1] + x[n + RADIUS - 1]) - turn * y[n - 1] - y[n - 2]``
    """

    gain: float
    turn: float


def _frequencies() -> list[float]:
    """Return the angular frequencies of the three cosines (Table I)."""
    return [order * math.pi / (2 * RADIUS) for order in (1, 3, 5)]


@functools.cache
def amplitudes() -> tuple[float, ...]:
    """Return the amplitudes of the three cosines, such that the window sums to 1 (53)."""
    omega = _frequencies()
    signs = (1, -1, 1)
    p = [sign / math.tan(w / 2) for sign, w in zip(signs, omega, strict=True)]
    r = [sign * q * q / math.sin(w) for sign, q, w in zip(signs, p, omega, strict=True)]
    rho = [math.exp(-((_SIGMA * w) ** 2) / 2) / RADIUS for w in omega]
    d13, d35, d51 = (p[i] * r[j] - r[i] * p[j] for i, j in ((0, 1), (1, 2), (2, 0)))
    zeta = (d35 / d13, d51 / d13, 1.0)
    moments = (1.0, RADIUS**2 - _SIGMA**2, sum(z * q for z, q in zip(zeta, rho, strict=True)))
    return _solve((tuple(p), tuple(r), zeta), moments)


def _solve(
    rows: tuple[tuple[float, ...], ...], right: tuple[float, ...]
) -> tuple[float, float, float]:
    """Solve three linear equations by Cramer's rule."""
    whole = _determinant(rows)
    parts = [
        _determinant(
            tuple(
                (*row[:at], value, *row[at + 1 :]) for row, value in zip(rows, right, strict=True)
            )
        )
        for at in range(3)
    ]
    return parts[0] / whole, parts[1] / whole, parts[2] / whole


def _determinant(rows: tuple[tuple[float, ...], ...]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


@functools.cache
def taps() -> tuple[float, ...]:
    """Return the window from its middle outwards, five values that sum to 1 with their mirrors."""
    waves = list(zip(amplitudes(), _frequencies(), strict=True))
    return tuple(sum(size * math.cos(w * at) for size, w in waves) for at in range(RADIUS))


@functools.cache
def poles() -> tuple[Pole, ...]:
    """Return the three recursions (33)."""
    return tuple(
        Pole(gain=-size * math.cos(w * (RADIUS + 1)), turn=-2 * math.cos(w))
        for size, w in zip(amplitudes(), _frequencies(), strict=True)
    )
