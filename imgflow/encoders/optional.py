"""Libraries that encoders use where they are installed."""

from __future__ import annotations

import functools
import importlib
from typing import Any


@functools.cache
def load(module: str) -> Any | None:  # noqa: ANN401 - an extension module has no type
    """Return a module, None where it is missing or cannot be loaded on this machine."""
    try:
        return importlib.import_module(module)
    except (ImportError, OSError):
        return None


@functools.cache
def version_of(package: str) -> str:
    """Return the name and version of an installed package, ``none`` for the version of another."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} none"
