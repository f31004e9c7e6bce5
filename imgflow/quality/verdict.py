"""What a score means, in words, as the authors of the metric describe its levels."""

from __future__ import annotations

import math
from typing import NamedTuple


class Verdict(NamedTuple):
    """A level of quality: its name, the least score, and what a person sees."""

    level: str
    least: float
    meaning: str


#: Levels from the best; the last has no lower bound.
VERDICTS = (
    Verdict("visually-lossless", 90, "not noticeable even when one flips between the two"),
    Verdict("high", 80, "not noticeable side by side"),
    Verdict("good", 70, "noticeable side by side, but not annoying"),
    Verdict("medium", 50, "noticeable, somewhat annoying"),
    Verdict("low", 30, "annoying"),
    Verdict("very-low", float("-inf"), "very annoying"),
)


def judge(score: float) -> Verdict:
    """Return the level that a score of SSIMULACRA2 belongs to."""
    return next(verdict for verdict in VERDICTS if score >= verdict.least)


def score_text(score: float, digits: int = 2) -> str:
    """Return a score, rounded down: 89.999 is not shown as the 90 of the level above."""
    unit = 10**digits
    return f"{math.floor(score * unit + 1e-6) / unit:.{digits}f}"
