"""Aspects as people write them: ``"16:9"``, ``"1.5"`` or ``1.5``."""

from __future__ import annotations

from typing import Annotated

import msgspec

_NUMBER = r"(?=[\d.]*[1-9])\d{1,5}(?:\.\d{1,5})?"

#: Width to height, neither of them zero.
Aspect = (
    Annotated[
        str, msgspec.Meta(pattern=f"^{_NUMBER}(?::{_NUMBER})?$", examples=["1:1", "16:9", "1.5"])
    ]
    | Annotated[float, msgspec.Meta(ge=0.00001, le=100_000, examples=[1.5])]
)
