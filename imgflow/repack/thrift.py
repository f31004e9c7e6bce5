"""How far to go for fewer bytes."""

from __future__ import annotations

from typing import Literal, NamedTuple

Effort = Literal["balanced", "max"]


class Thrift(NamedTuple):
    """What ``optimize`` asks of a file.

    ``lossless`` keeps the pixels of the source wherever no step changes them.
    """

    lossless: bool = True
    effort: Effort = "balanced"
