"""What a reference knows of its picture that tells how hard it is to compress: a few numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imgflow.quality.levels import Place
from imgflow.quality.weights import BRIGHTNESS, RED_GREEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.quality.maps import Known

_FINE = Place(0, BRIGHTNESS)
_LEAST_EDGE, _LEAST_VARIANCE = 1e-6, 1e-5
#: Below this variance an area is flat.
_FLAT = 2e-5


def features(known: Mapping[Place, Known]) -> tuple[float, ...]:
    """Return six numbers of the places that the metric looks at.

    Logarithms of how strong edges are: of brightness at 1:1 and at 1:4, of red-green at 1:2; of
    brightness at 1:1 the mean logarithm of the variance, the share that is flat, and the mean.
    A small picture is not judged at all of these: the finest place stands in for others.
    """
    finest = known.get(_FINE) or known[min(known)]
    fine = _thinned(finest)
    variance = np.maximum(fine.variance, 0)
    return (
        _edges(fine),
        _edges(known.get(Place(2, BRIGHTNESS), finest)),
        _edges(known.get(Place(1, RED_GREEN), finest)),
        float(np.log(variance + np.float32(_LEAST_VARIANCE)).mean()),
        float((variance < _FLAT).mean()),
        float(fine.plane.mean()),
    )


def _edges(at: Known) -> float:
    """Return the logarithm of the mean strength of edges."""
    return math.log(float(np.abs(at.plane - at.mean).mean()) + _LEAST_EDGE)


def _thinned(known: Known) -> Known:
    """Return every other pixel of every other row: as good for means, at a quarter of the cost."""
    return known._replace(
        plane=known.plane[::2, ::2], mean=known.mean[::2, ::2], variance=known.variance[::2, ::2]
    )
