"""How two pictures differ at each pixel of a channel, and the sums that are taken of it.

Structure is the index of Z. Wang et al., "Image Quality Assessment: From Error Visibility to
Structural Similarity", 2004, without the term that weighs errors in the dark more. An edge is
how far a pixel is from its blurred surroundings; edges are new, as in ringing and blocks, or
lost, as in what is blurred.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgflow.quality.weights import Weights

    Singles = NDArray[np.float32]

#: Keeps the structure of flat areas from being that of noise.
_LEAST_VARIANCE = np.float32(0.0009)
_ONE, _TWO = np.float32(1), np.float32(2)


class Known(NamedTuple):
    """What is kept of the reference: a channel, its blurred copy, and its variance."""

    plane: Singles
    mean: Singles
    variance: Singles

    def rows(self, start: int, stop: int) -> Known:
        """Return some rows of all."""
        return Known(*(array[start:stop] for array in self))


class Moments(NamedTuple):
    """The same of the distorted picture, with the blurred squares and products with the other."""

    plane: Singles
    mean: Singles
    squares: Singles
    products: Singles

    def rows(self, start: int, stop: int) -> Moments:
        """Return some rows of all."""
        return Moments(*(array[start:stop] for array in self))


class Tally:
    """Sums of the errors in a channel at one scale."""

    def __init__(self, weights: Weights) -> None:
        """Begin with no errors; only those that count are added up."""
        self._weights = weights
        self._sums = [0.0] * 6

    def add(self, known: Known, found: Moments) -> None:
        """Add the errors of some rows."""
        if self._weights.any_structure:
            self._add_structure(structure_errors(known, found))
        if self._weights.any_edges:
            self._add_edges(_edge_errors(known, found))

    def error(self, pixels: int) -> float:
        """Return the weighted sum of means, and of fourth roots of means."""
        means = [total / pixels for total in self._sums]
        norms = (*means[:3], *(mean**0.25 for mean in means[3:]))
        return math.fsum(weight * norm for weight, norm in zip(self._weights, norms, strict=True))

    def _add_structure(self, errors: Singles) -> None:
        weights = self._weights
        self._take(errors, 0, weights.structure, weights.structure_peaks)

    def _add_edges(self, errors: Singles) -> None:
        """Add errors that are positive for new edges, and negative for lost ones."""
        weights = self._weights
        if weights.new_edges or weights.new_edge_peaks:
            self._take(errors, 1, weights.new_edges, weights.new_edge_peaks)
        if weights.lost_edges or weights.lost_edge_peaks:
            self._take(np.negative(errors), 2, weights.lost_edges, weights.lost_edge_peaks)

    def _take(self, errors: Singles, at: int, mean: float, peaks: float) -> None:
        """Add up what is positive of the errors, and its fourth power."""
        doubled = np.abs(errors)
        doubled += errors
        if mean:
            self._sums[at] += float(doubled.sum()) / 2
        if peaks:
            np.square(doubled, out=doubled)
            np.square(doubled, out=doubled)
            self._sums[at + 3] += float(doubled.sum()) / 16


def structure_errors(known: Known, found: Moments) -> Singles:
    """Return 1 less the structural similarity; in the order of operations of the reference."""
    alike = known.mean * found.mean
    np.subtract(found.products, alike, out=alike)
    alike *= _TWO
    alike += _LEAST_VARIANCE
    brighter = known.mean - found.mean
    np.square(brighter, out=brighter)
    np.subtract(_ONE, brighter, out=brighter)
    alike *= brighter
    spread = np.square(found.mean, out=brighter)
    np.subtract(found.squares, spread, out=spread)
    spread += known.variance
    spread += _LEAST_VARIANCE
    alike /= spread
    np.subtract(_ONE, alike, out=alike)
    return alike


def _edge_errors(known: Known, found: Moments) -> Singles:
    """Return by how much edges are stronger than those of the reference; negative if weaker."""
    before = known.plane - known.mean
    np.abs(before, out=before)
    after = found.plane - found.mean
    np.abs(after, out=after)
    after -= before
    before += _ONE
    after /= before
    return after
