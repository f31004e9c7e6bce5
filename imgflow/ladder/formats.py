"""Formats that have a ladder of qualities, and where its rungs are."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec

from imgflow.encoders import ALIASES, ENCODERS, unsupported
from imgflow.errors import UsageError

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.encoders.goals import EffortWord

#: Formats on the web, in which a photograph is usually offered.
USUAL = ("jpeg", "webp", "avif")
#: The qualities that are tried: for most photographs from a score of 50 or so to the best that
#: the format can do. A format without any has nothing but what its search finds.
_QUALITIES: dict[str, tuple[int, ...]] = {
    "avif": (30, 40, 50, 60, 70, 80, 88, 94),
    "heic": (30, 40, 50, 60, 70, 80, 88, 94),
    "jpeg": (40, 55, 65, 75, 82, 88, 93, 97),
    "jxl": (50, 60, 70, 78, 85, 90, 95, 98),
    "png": (),
    "webp": (40, 55, 65, 75, 82, 88, 94, 100),
}


def choose_encoders(names: tuple[str, ...], effort: EffortWord) -> tuple[Encoder, ...]:
    """Return an encoder for each name, once; ``effort`` where the format has one.

    Raises UsageError for a name that is unknown or has no ladder, EncodeError for a format that
    cannot be written here.
    """
    kinds = dict.fromkeys(map(_kind, names))
    return tuple(with_effort(kind, effort) for kind in kinds)


def with_effort(kind: type[Encoder], effort: EffortWord) -> Encoder:
    """Return an encoder with its defaults but for the effort, if the format has one."""
    encoder = kind()
    if "effort" not in kind.options():
        return encoder
    spent: dict[str, EffortWord] = {"effort": effort}
    return msgspec.structs.replace(encoder, **spent)


def qualities_of(encoder: Encoder) -> tuple[int, ...]:
    """Return the qualities to try, from the lowest."""
    return _QUALITIES[encoder.name()]


def _kind(name: str) -> type[Encoder]:
    plain = ALIASES.get(name, name)
    if plain not in _QUALITIES:
        known = (*_QUALITIES, *(alias for alias, kind in ALIASES.items() if kind in _QUALITIES))
        close = difflib.get_close_matches(name.lower(), known, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(_QUALITIES)}"
        what = "a format with qualities" if plain in ENCODERS else "a format"
        message = f"--formats: expected {what}, found '{name}'; {advice}"
        raise UsageError(message, code="unknown-format")
    if not ENCODERS[plain].available():
        raise unsupported(plain)
    return ENCODERS[plain]
