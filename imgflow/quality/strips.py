"""The Gaussian window as nine taps, in strips of rows: exact, fast, and in little memory.

Rows lie one behind the other with a few black samples between them. So each tap is a shift of
one long array, in either direction, and what lies beyond the border is black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imgflow.quality.gaussian import RADIUS, taps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    Singles = NDArray[np.float32]

_REACH = RADIUS - 1
#: Samples of a strip: few enough for the second level cache, enough to make a call worth it.
_STRIP = 24_000


class Strip(NamedTuple):
    """Rows ``start`` to ``stop`` of a plane, and of the blurred planes made of it."""

    start: int
    stop: int
    rows: Singles
    blurred: list[Singles]


def strip_rows(width: int) -> int:
    """Return how many rows of this width are worked on at once, an even number."""
    return max(8, _STRIP // width & ~1)


def slices(height: int, step: int) -> Iterator[tuple[int, int]]:
    """Cut rows into strips."""
    for start in range(0, height, step):
        yield start, min(start + step, height)


def blurred_strips(
    strips: Iterable[Singles],
    width: int,
    products: Callable[[Singles, int], tuple[Singles, ...]],
) -> Iterator[Strip]:
    """Blur what ``products`` makes of each strip of a plane; the first of them is the plane.

    ``products`` gets a strip and the number of its first row. Arrays that are yielded are
    overwritten by the next.
    """
    windows: list[_Window] = []
    top = 0
    for rows in strips:
        planes = products(rows, top)
        windows = windows or [_Window(width, strip_rows(width)) for _ in planes]
        for window, plane in zip(windows, planes, strict=True):
            window.push(plane)
        start, top = max(top - _REACH, 0), top + len(rows)
        if top > _REACH:
            yield _strip(windows, start, top - _REACH)
    for window in windows:
        window.push(np.zeros((_REACH, width), np.float32))
    yield _strip(windows, max(top - _REACH, 0), top)


def _strip(windows: list[_Window], start: int, stop: int) -> Strip:
    count = stop - start
    return Strip(start, stop, windows[0].middle(count), [window.blur(count) for window in windows])


class _Window:
    """The rows of a plane that the window sees while it moves over a strip."""

    def __init__(self, width: int, most: int) -> None:
        self._width, self._stride = width, width + _REACH
        self._rows = np.zeros((most + 2 * _REACH, self._stride), np.float32)
        self._count = 0
        size = most * self._stride
        self._half = np.zeros(size + 2 * _REACH, np.float32)
        self._pair, self._out = np.empty((2, size), np.float32)

    def push(self, rows: Singles) -> None:
        """Move down by some rows."""
        kept = self._rows[self._count : self._count + 2 * _REACH].copy()
        self._rows[: 2 * _REACH] = kept
        self._count = len(rows)
        self._rows[2 * _REACH : 2 * _REACH + self._count, : self._width] = rows

    def middle(self, count: int) -> Singles:
        """Return the last rows that have all their neighbours."""
        return self._rows[_REACH : _REACH + self._count, : self._width][-count:]

    def blur(self, count: int) -> Singles:
        """Return the same rows, blurred."""
        stride, size = self._stride, count * self._stride
        skipped = (self._count - count + _REACH) * stride
        half = self._half[: size + 2 * _REACH]
        self._tap(self._rows.reshape(-1), skipped, stride, half[_REACH:-_REACH])
        half[-_REACH:] = 0
        out = self._out[:size]
        self._tap(half, _REACH, 1, out)
        return out.reshape(count, stride)[:, : self._width]

    def _tap(self, source: Singles, at: int, step: int, out: Singles) -> None:
        """Weigh samples that lie ``step`` apart, from ``at`` on."""
        middle, *others = (np.float32(tap) for tap in taps())
        size, pair = len(out), self._pair[: len(out)]
        np.multiply(source[at : at + size], middle, out=out)
        for distance, weight in enumerate(others, 1):
            before, after = at - distance * step, at + distance * step
            np.add(source[before : before + size], source[after : after + size], out=pair)
            np.multiply(pair, weight, out=pair)
            np.add(out, pair, out=out)
