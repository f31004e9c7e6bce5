"""Encoders: one module a format, listed here by name, and nowhere else."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.jpeg import Jpeg
from imgflow.errors import EncodeError, RecipeError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENCODERS: dict[str, type[Encoder]] = {
    "jpeg": Jpeg,
}

__all__ = ["ENCODERS", "Capabilities", "Encoder", "encoder_for", "parse_encoder"]


def parse_encoder(options: Mapping[str, Any]) -> Encoder:
    """Build an encoder from its flat options; raises RecipeError naming the fault."""
    name = options.get("format")
    if not isinstance(name, str) or name not in ENCODERS:
        close = difflib.get_close_matches(str(name), ENCODERS, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(ENCODERS)}"
        message = f"unknown format {name!r}; {advice}"
        raise RecipeError(message, code="unknown-format")
    return ENCODERS[name].parse(options)


def encoder_for(name: str) -> Encoder:
    """Return the encoder of a format with its defaults; raises EncodeError if there is none."""
    if name not in ENCODERS:
        message = f"{name} cannot be written; name one of {', '.join(ENCODERS)} as the format"
        raise EncodeError(message, code="unsupported-format")
    return ENCODERS[name]()
