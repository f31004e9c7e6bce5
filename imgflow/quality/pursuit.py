"""One way to a score: a bracketed search over the quality of one encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.quality.search import Press
    from imgflow.quality.subject import Subject

#: A file is good enough if its score is in this window around the goal.
_BELOW, _ABOVE = 0.5, 2.0
_AIM = 0.6
_MOST_TRIES = 8
_USUAL_SLOPE = 0.6


class Tried(NamedTuple):
    """A draft, its score, and the encoder that made it."""

    quality: int
    score: float
    data: bytes
    encoder: Encoder


def pursue(subject: Subject, way: Encoder, goal: float, press: Press) -> list[Tried]:
    """Try qualities until a score is in the window around the goal, or the bracket is closed."""
    tries: list[Tried] = []
    quality: int | None = 80
    while quality is not None and len(tries) < _MOST_TRIES:
        encoder = way.at(quality)
        data = press.draft(encoder)
        tries.append(Tried(quality, subject.score(data), data, encoder))
        quality = _next(tries, goal)
    return tries


def _next(tries: list[Tried], goal: float) -> int | None:
    """Return the quality to try next, None if there is nothing better to be had."""
    last = tries[-1]
    if -_BELOW <= last.score - goal <= _ABOVE:
        return None
    under = max((one for one in tries if one.score < goal), default=None)
    over = min((one for one in tries if one.score >= goal), default=None)
    lowest = under.quality + 1 if under else 1
    highest = over.quality - 1 if over else 100
    if lowest > highest:
        return None
    if under and over:
        slope = (over.score - under.score) / (over.quality - under.quality)
        wanted = under.quality + (goal + _AIM - under.score) / max(slope, 0.05)
    else:
        wanted = last.quality + (goal + _AIM - last.score) / _USUAL_SLOPE
    return min(max(round(wanted), lowest), highest)
