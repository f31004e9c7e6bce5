"""imgflow: a declarative image pipeline on libvips."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from imgflow.version import __version__

if TYPE_CHECKING:
    from imgflow.batch import run
    from imgflow.errors import ImgflowError
    from imgflow.limits import Limits
    from imgflow.manifest import picture
    from imgflow.processed import ProcessedImage
    from imgflow.processor import ImageProcessor
    from imgflow.recipe import load_recipe

__all__ = [
    "ImageProcessor",
    "ImgflowError",
    "Limits",
    "ProcessedImage",
    "__version__",
    "load_recipe",
    "picture",
    "run",
]

_HOMES = {
    "ImageProcessor": "imgflow.processor",
    "ImgflowError": "imgflow.errors",
    "Limits": "imgflow.limits",
    "ProcessedImage": "imgflow.processed",
    "load_recipe": "imgflow.recipe",
    "picture": "imgflow.manifest",
    "run": "imgflow.batch",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import what is asked for on first use: ``import imgflow`` alone costs nothing."""
    if name not in _HOMES:
        message = f"module 'imgflow' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOMES[name]), name)
