"""The dominant colour: the one that most of a picture is close to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Cells of the colour cube along each side.
_CELLS = 16
_OPAQUE = 255
#: What the cell in the middle counts for more: it decides between cubes that hold the same.
_MIDDLE = 1e-6


def dominant_colour(pixels: NDArray[np.uint8]) -> str:
    """Return ``#rrggbb`` of RGBA pixels (height x width x 4); white if all is transparent.

    That is the mean colour of the fullest cube of 3x3x3 cells out of 16x16x16, so that a
    colour which lies on the border of two cells does not lose against one that does not.
    """
    colours = pixels[..., :3].reshape(-1, 3).astype(np.float64)
    weights = pixels[..., 3].reshape(-1) / _OPAQUE
    if not weights.any():
        return "#ffffff"
    cells = (colours * _CELLS / (_OPAQUE + 1)).astype(int)
    places = np.ravel_multi_index(tuple(cells.T), (_CELLS,) * 3)
    flat: NDArray[np.float64] = np.bincount(places, weights, _CELLS**3).astype(np.float64)
    counts = flat.reshape((_CELLS,) * 3)
    fullest = np.unravel_index(int((_summed(counts) + _MIDDLE * counts).argmax()), counts.shape)
    near = (abs(cells - np.array(fullest)) <= 1).all(axis=1)
    mean = np.average(colours[near], axis=0, weights=weights[near])
    return "#" + "".join(f"{int(channel + 0.5):02x}" for channel in mean)


def _summed(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each cell the sum over the 3x3x3 around it."""
    for axis in range(counts.ndim):
        room = [(int(axis == other),) * 2 for other in range(counts.ndim)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(counts, room), 3, axis)
        counts = windows.sum(axis=-1)
    return counts
