"""A picture before a background: what is kept of it, and how others compare."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imgflow.libvips import libvips
from imgflow.quality.features import features
from imgflow.quality.levels import Place, pieces
from imgflow.quality.maps import Known, Moments, Tally, structure_errors
from imgflow.quality.weights import scale_count, score_of, weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imgflow.quality.levels import Piece
    from imgflow.quality.light import Light, Pixels

    Singles = NDArray[np.float32]


class View:
    """The channels of a picture that count, at all scales."""

    def __init__(self, pixels: Pixels, shade: float) -> None:
        """Put pixels before a gray background, its shade 0 to 1, if they need one."""
        light = pixels.before(shade)
        self._shade = shade
        self._size = light.width, light.height
        self._weights = weights(scale_count(*self._size))
        self._known: dict[Place, Known] = {}
        for piece in pieces(light, _squared):
            known = self._known.get(piece.place) or self._room(piece.place, light)
            rows = known.rows(piece.start, piece.stop)
            mean, squares = piece.blurred
            rows.plane[:], rows.mean[:] = piece.plane, mean
            np.subtract(squares, mean * mean, out=rows.variance)

    def _room(self, place: Place, light: Light) -> Known:
        shape = tuple(-(-length >> place.scale) for length in (light.height, light.width))
        self._known[place] = Known(*np.empty((3, *shape), np.float32))
        return self._known[place]

    @property
    def features(self) -> tuple[float, ...]:
        """What tells how hard it is to compress."""
        return features(self._known)

    def score(self, pixels: Pixels) -> float:
        """Return the score of another picture before the same background."""
        tallies = {place: Tally(self._weights[place.scale][place.channel]) for place in self._known}
        for piece, known, moments in self._compared(pixels):
            tallies[piece.place].add(known, moments)
        errors = (tally.error(self._known[place].plane.size) for place, tally in tallies.items())
        return score_of(math.fsum(errors))

    def errors(self, pixels: Pixels) -> Singles:
        """Return where another picture differs: the worst channel, the mean of all scales."""
        maps = {place: np.empty_like(known.plane) for place, known in self._known.items()}
        for piece, known, moments in self._compared(pixels):
            maps[piece.place][piece.start : piece.stop] = structure_errors(known, moments)
        scales = sorted({place.scale for place in maps})
        total = np.zeros(self._size[::-1], np.float32)
        for scale in scales:
            worst = np.maximum.reduce([maps[place] for place in maps if place.scale == scale])
            total += _enlarged(worst, 1 << scale, self._size)
        total /= np.float32(len(scales))
        return total

    def _compared(self, pixels: Pixels) -> Iterator[tuple[Piece, Known, Moments]]:
        """Yield the rows of both pictures, place by place."""
        for piece in pieces(pixels.before(self._shade), self._multiplied):
            known = self._known[piece.place].rows(piece.start, piece.stop)
            yield piece, known, Moments(piece.plane, *piece.blurred)

    def _multiplied(self, place: Place, plane: Singles, start: int) -> tuple[Singles, ...]:
        other = self._known[place].plane[start : start + len(plane)]
        return plane, plane * plane, plane * other


def _squared(_: Place, plane: Singles, __: int) -> tuple[Singles, ...]:
    return plane, plane * plane


def _enlarged(plane: Singles, factor: int, size: tuple[int, int]) -> Singles:
    """Enlarge a map smoothly, and cut it to a size."""
    image = libvips().Image.new_from_array(plane)
    larger: Singles = np.asarray(image.resize(factor, kernel="linear").crop(0, 0, *size))
    return larger
