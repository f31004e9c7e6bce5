"""Arrays as images of libvips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from imgflow.libvips import libvips
from imgflow.quality.reference import Reference

Score = Callable[[Any, Any], float]

_KINDS = {
    ("u1", False): "b-w",
    ("u1", True): "srgb",
    ("u2", False): "grey16",
    ("u2", True): "rgb16",
}


def to_image(pixels: Any) -> Any:
    """Return an image of libvips with the samples of an array."""
    pixels = np.ascontiguousarray(pixels)
    height, width, bands = (*pixels.shape, 1)[:3]
    sample = {"u1": "uchar", "u2": "ushort"}[pixels.dtype.str[1:]]
    image = libvips().Image.new_from_memory(pixels.tobytes(), width, height, bands, sample)
    return image.copy(interpretation=_KINDS[pixels.dtype.str[1:], bands > 2])


@pytest.fixture(scope="session")
def score() -> Score:
    """Return a function that scores the second array against the first."""
    return lambda one, two: Reference(to_image(one)).score(to_image(two))


@pytest.fixture(scope="session")
def as_image() -> Callable[[Any], Any]:
    """Return a function that makes an image of an array."""
    return to_image
