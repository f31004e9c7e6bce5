"""Height maps that wrap around: their slopes, their shadows, and looking them up."""

from typing import NamedTuple

import numpy as np

from .light import Array


def slopes(height: Array) -> tuple[Array, Array]:
    """Return the x and y derivatives, per cell, of a wrapping height map."""
    return (
        (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / 2,
        (np.roll(height, -1, 0) - np.roll(height, 1, 0)) / 2,
    )


def shadow(height: Array, rise: float) -> Array:
    """Return how deep each cell lies in the shadow of light that climbs ``rise`` per cell of x."""
    twice = np.concatenate([height, height], axis=1)
    ramp = np.arange(twice.shape[1]) * rise
    roof = np.maximum.accumulate(twice + ramp, axis=1) - ramp
    return np.asarray((roof - twice)[:, height.shape[1] :])


class Field(NamedTuple):
    """A wrapping map of some quantity, ``scale`` cells to the unit of length."""

    cells: Array
    scale: float

    def at(self, x: Array, y: Array) -> Array:
        """Look the quantity up at any positions, with bilinear interpolation."""
        rows, columns = self.cells.shape
        left, top = np.floor(x * self.scale), np.floor(y * self.scale)
        u, v = x * self.scale - left, y * self.scale - top
        left, right = (left.astype(np.int64) + step for step in (0, 1))
        first, second = ((top.astype(np.int64) + step) % rows * columns for step in (0, 1))
        flat, left, right = self.cells.ravel(), left % columns, right % columns
        upper = flat[first + left] * (1 - u) + flat[first + right] * u
        return np.asarray(
            upper * (1 - v) + (flat[second + left] * (1 - u) + flat[second + right] * u) * v
        )

    def slopes(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the derivatives along x and y at any positions."""
        dx, dy = (Field(d * self.scale, self.scale).at(x, y) for d in slopes(self.cells))
        return dx, dy
