"""The software that outputs depend on, by name, without loading any of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from imgflow.encoders.optional import version_of
from imgflow.libvips import libvips_version
from imgflow.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.encoders import Encoder

_WHEEL = "pyvips-binary"


def software() -> dict[str, str]:
    """Return the versions that every output depends on: the metric is imgflow's own."""
    return {"imgflow": __version__, "libvips": _libvips()}


def software_of(encoders: Iterable[Encoder]) -> dict[str, str]:
    """Return the versions of what encoders use beside libvips."""
    lines = {line for encoder in encoders for one in encoder.outlines() for line in one.versions()}
    return by_name(lines)


def by_name(lines: Iterable[str]) -> dict[str, str]:
    """Split lines such as ``pyoxipng 9.1.1``."""
    return dict(sorted(line.split(" ", 1) for line in lines))


@functools.cache
def _libvips() -> str:
    """Return the version of the wheel that carries libvips; without one, libvips has to tell."""
    version = by_name([version_of(_WHEEL)])[_WHEEL]
    return libvips_version() if version == "none" else version
