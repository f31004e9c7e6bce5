"""Encoders: one module a format, listed here by name, and nowhere else."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from imgflow.encoders.auto import Auto
from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.gif import Gif
from imgflow.encoders.heif import Avif, Heic
from imgflow.encoders.jpeg import Jpeg
from imgflow.encoders.jxl import Jxl
from imgflow.encoders.png import Png
from imgflow.encoders.tiff import Tiff
from imgflow.encoders.webp import Webp
from imgflow.errors import EncodeError, RecipeError
from imgflow.rules import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ALIASES",
    "ENCODERS",
    "FORMATS",
    "FORMAT_NAMES",
    "Capabilities",
    "Encoder",
    "available",
    "encoder_for",
    "format_table",
    "formats_with",
    "parse_encoder",
    "unsupported",
]

#: The formats that a file can have.
ENCODERS: dict[str, type[Encoder]] = {
    "avif": Avif,
    "gif": Gif,
    "heic": Heic,
    "jpeg": Jpeg,
    "jxl": Jxl,
    "png": Png,
    "tiff": Tiff,
    "webp": Webp,
}
#: Other names that people write for a format.
ALIASES = {"heif": "heic", "jpg": "jpeg", "tif": "tiff"}
#: What ``format:`` may say, but for other names of these.
FORMATS: dict[str, type[Encoder]] = {"auto": Auto, **ENCODERS}
FORMAT_NAMES: tuple[str, ...] = (*FORMATS, *ALIASES)


def parse_encoder(options: Mapping[str, Any]) -> Encoder:
    """Build an encoder from its flat options, ``{"format": "webp", "quality": 80}`` say.

    Raises RecipeError naming the option at fault, and the formats that know it.
    """
    name = options.get("format")
    if not isinstance(name, str) or name not in FORMAT_NAMES:
        close = difflib.get_close_matches(str(name).lower(), FORMAT_NAMES, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(FORMATS)}"
        message = f"unknown format {name!r}; {advice}"
        raise RecipeError(message, code="unknown-format")
    encoder = FORMATS[ALIASES.get(name, name)]
    for option in options:
        if option != "format" and option not in encoder.options():
            message = f"{encoder.name()}: unknown option '{option}'; {_advice(option, encoder)}"
            raise RecipeError(message, code="unknown-option")
    return encoder.parse({**options, "format": encoder.name()})


def encoder_for(name: str) -> Encoder:
    """Return the encoder of a format with its defaults; raises EncodeError if there is none."""
    if name not in ENCODERS:
        message = f"{name} cannot be written; name one of {', '.join(ENCODERS)} as the format"
        raise EncodeError(message, code="unsupported-format")
    return ENCODERS[name]()


def formats_with(option: str) -> tuple[str, ...]:
    """Return the names of the formats that know an option."""
    return tuple(name for name, encoder in FORMATS.items() if option in encoder.options())


def available() -> tuple[str, ...]:
    """Return the names of the formats that the libvips at hand can write; loads libvips."""
    return tuple(name for name, encoder in ENCODERS.items() if encoder.available())


def unsupported(name: str) -> EncodeError:
    """Return the error for a format that imgflow knows and this libvips cannot write."""
    message = (
        f"{name} cannot be written by the libvips on this machine; "
        f"use one of {', '.join(available())}, or a libvips that was built with it"
    )
    return EncodeError(message, code="unsupported-format")


def format_table() -> list[tuple[str, ...]]:
    """Return the capabilities of all formats as rows of text, headings first."""
    rows: list[tuple[str, ...]] = []
    rows.append(("format", "extensions", "alpha", "animation", "lossless", "bits", "longest side"))
    for name, encoder in ENCODERS.items():
        can = encoder.capabilities
        flags = ("yes" if flag else "no" for flag in (can.alpha, can.animation, can.lossless))
        rows.append((name, " ".join(can.extensions), *flags, str(can.bits), f"{can.longest}"))
    return rows


def _advice(option: str, encoder: type[Encoder]) -> str:
    if close := difflib.get_close_matches(option, encoder.options(), 1, 0.75):
        return f"did you mean '{close[0]}'?"
    if knowing := formats_with(option):
        return f"{listed(knowing, 'and')} {'know' if len(knowing) > 1 else 'knows'} it"
    return f"one of {', '.join(encoder.options())}"
