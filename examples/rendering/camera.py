"""A camera that looks over a landscape."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .light import Array


class Sight(NamedTuple):
    """What a camera sees: per pixel the ray's slopes, the ground's x and z, and if it is ground."""

    across: Array
    up: Array
    x: Array
    z: Array
    land: NDArray[np.bool_]


class Camera(NamedTuple):
    """A camera that looks along +z over a landscape."""

    size: tuple[int, int]
    horizon: float
    focal: float
    altitude: float
    reach: tuple[float, float]

    def look(self, ground: Callable[[Array, Array], Array], steps: int = 2000) -> Sight:
        """Follow the rays through all pixels to the ground, whose height ``ground(x, z)`` gives."""
        width, height = self.size
        across = (np.arange(width) + 0.5 - width / 2) / (width * self.focal)
        up = (height * self.horizon - np.arange(height) - 0.5) / (width * self.focal)
        depth = np.geomspace(*self.reach, steps)
        x, z = depth[:, None] * across, np.repeat(depth[:, None], width, axis=1)
        seen = np.maximum.accumulate((ground(x, z) - self.altitude) / z, axis=0)
        hit = np.stack([np.interp(up, seen[:, i], depth, right=np.inf) for i in range(width)], 1)
        z = np.minimum(hit, self.reach[1])
        return Sight(across + 0 * z, up[:, None] + 0 * z, z * across, z, np.isfinite(hit))
