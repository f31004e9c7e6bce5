"""How scores rise with quality: a curve for each coder, and where a picture lies about it.

The scores of a picture are taken to be the means of a coder's curve plus a multiple of its
spreads. That multiple, the picture's bent, is predicted from its features; the first score
that is measured corrects it. ``tests/benchmarks/fit_curves.py`` fits the numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: The lowest and the highest quality.
WORST, BEST = 1, 100
#: By this at least a curve rises from one quality to the next, so that it can be inverted.
_LEAST_RISE = 1e-6


class Curve(NamedTuple):
    """The mean and the spread, over photographs, of the scores at some qualities.

    ``weights`` are those of a constant and of :func:`imgflow.quality.features.features`, which
    predict a bent.
    """

    qualities: tuple[int, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]

    def predict(self, features: tuple[float, ...]) -> float:
        """Return the bent that pictures with such features have."""
        return float(np.dot(self.weights, (1.0, *features)))

    def bent(self, quality: int, score: float) -> float:
        """Return the bent of a picture that has a score at a quality."""
        mean = np.interp(quality, self.qualities, self.means)
        return float((score - mean) / np.interp(quality, self.qualities, self.spreads))

    def quality_for(self, score: float, bent: float) -> float:
        """Return the quality at which a picture with a bent has a score, as far as there is one."""
        qualities = np.arange(WORST, BEST + 1)
        scores = np.interp(qualities, self.qualities, self.means)
        scores += bent * np.interp(qualities, self.qualities, self.spreads)
        rising = np.maximum.accumulate(scores) + _LEAST_RISE * qualities
        return float(np.interp(score, rising, qualities))
