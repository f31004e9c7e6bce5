"""Lengths as people write them: pixels, or a share like ``"5%"``."""

from __future__ import annotations

from typing import Annotated

import msgspec

#: Pixels, zero or more.
Pixels = Annotated[int, msgspec.Meta(ge=0, le=65535)]
#: A share of some length of the picture, ``"12.5%"``.
Share = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{1,4}(?:\.[0-9]+)?%$", examples=["5%", "12.5%"])
]
#: A share that is more than nothing.
SomeShare = Annotated[
    str,
    msgspec.Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,4}(?:\.[0-9]+)?%$", examples=["5%", "12.5%"]),
]


def pixels_of(length: float | str, whole: float) -> float:
    """Return a length in pixels; a share is one of ``whole``."""
    if isinstance(length, str):
        return float(length.rstrip("%")) / 100 * whole
    return float(length)
