"""What ``quality:`` may say beside a number, and ``effort:`` and ``max_bytes:`` too."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from imgflow.errors import RecipeError

Quality = Annotated[int, msgspec.Meta(ge=1, le=100)]
#: The word that ``quality:`` takes beside a number, in formats that have a lossless mode.
Lossless = Literal["lossless"]
#: Levels of the score, by its author's words: see :mod:`imgflow.quality.verdict`.
Level = Literal["good", "high", "visually-lossless"]
LEVELS: dict[str, float] = {"good": 70.0, "high": 80.0, "visually-lossless": 90.0}

EffortWord = Literal["fast", "balanced", "max"]

Bytes = (
    Annotated[int, msgspec.Meta(ge=1)]
    | Annotated[
        str,
        msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)? ?([kKmM]i?)?[bB]$", examples=["200KB"]),
    ]
)
_UNITS = {"": 1, "k": 1000, "ki": 1024, "m": 1_000_000, "mi": 1_048_576}

MaxBytes = Annotated[
    Bytes,
    msgspec.Meta(
        description="The file may not be larger: quality is lowered until it fits, and a file "
        "that cannot is an error. A number of bytes, or '200KB', '1.5MB', '64KiB'.",
        examples=["200KB"],
    ),
]


class Score(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A perceptual score to reach: that of SSIMULACRA2 against the picture before it is encoded."""

    score: Annotated[
        float,
        msgspec.Meta(
            ge=30,
            le=100,
            description="The score: 70 is good, at 80 nothing is noticed side by side, at 90 not "
            "even when one flips between the two.",
            examples=[85],
        ),
    ]


#: All that ``quality:`` may say: how to encode, or how good it must look.
Wish = int | Lossless | Level | Score


def goal_of(wish: Wish | None) -> float | None:
    """Return the score that is wished for, or None where it is a number or ``lossless``."""
    if isinstance(wish, Score):
        return wish.score
    return LEVELS.get(wish) if isinstance(wish, str) else None


def wish_text(wish: Wish | None) -> str:
    """Return a wish in a word: ``80``, ``high``, ``score:75``; empty where there is none."""
    return f"score:{wish.score:g}" if isinstance(wish, Score) else str(wish or "")


def spent(effort: EffortWord | int, words: dict[str, int]) -> int:
    """Return an effort as the encoder's own number; ``words`` says what a word comes to."""
    return words[effort] if isinstance(effort, str) else effort


def count_bytes(text: int | str) -> int:
    """Return a size in bytes: ``200KB`` is 200,000, ``1KiB`` is 1,024. Raises RecipeError."""
    if isinstance(text, int):
        return text
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([km]?i?)b", text.lower())
    if not match or match[2] not in _UNITS:
        message = f"expected a size like 200KB or 1.5MB, found '{text}'"
        raise RecipeError(message, code="bad-parameter")
    return int(float(match[1]) * _UNITS[match[2]])
