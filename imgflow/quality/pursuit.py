"""One way to a score: a bracketed search over the quality of one encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.quality.curves import BEST, WORST
from imgflow.quality.fitted import curve_of
from imgflow.quality.found import Tried

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.quality.curves import Curve
    from imgflow.quality.found import Order

#: A score may fall short of the goal by this, which nobody sees.
SLACK = 0.5
#: A way that needs at least this quality is strained: of 40 photographs and graphics, each that
#: came out smaller by JPEG in 4:4:4 needed it in 4:2:0.
STRAINED = 92
#: A score further above what is wanted is worth another try. What AVIF wants is 0.3 above the
#: goal, of which no file is to be more than 2 above.
_ABOVE = 2.0
#: What is aimed at above the goal. Twice that would cost 1 % of the bytes and save no encode; a
#: further encode where a score is 1.2 or more above the goal would save 0.5 %.
_AIM = 0.3
_MOST_TRIES = 8
#: From so many tries on the bracket is halved: scores of graphics may jump.
_TRUSTING = 4
#: Points that a step of quality brings at least, if a goal is to be reached that way.
_LEAST_SLOPE = 0.1


def first_quality(way: Encoder, features: tuple[float, ...], goal: float) -> int:
    """Return the quality by which a way is predicted to reach a goal."""
    curve = curve_of(way.curve)
    return _within(curve.quality_for(goal + _AIM, curve.predict(features)), WORST, BEST)


def pursue(order: Order, way: Encoder, goal: float, most: int | None = None) -> list[Tried]:
    """Try qualities until a score is near the goal, or no better is to be had.

    Gives up where a draft of more than ``most`` bytes is below the goal still. No quality is
    tried twice.
    """
    curve, subject, tries = curve_of(way.curve), order.subject, list[Tried]()
    most_above = _ABOVE - way.doubt
    quality: int | None = first_quality(way, subject.features, goal)
    while quality is not None and len(tries) < _MOST_TRIES:
        encoder = way.at(quality)
        data = order.press.draft(encoder)
        tries.append(Tried(quality, subject.score(data), data, encoder))
        hopeless = most is not None and len(data) > most and tries[-1].score < goal - SLACK
        quality = None if hopeless else _next(tries, goal, most_above, curve)
    return tries


def _next(tries: list[Tried], goal: float, most_above: float, curve: Curve) -> int | None:
    """Return the quality to try next, None if there is nothing better to be had."""
    last = tries[-1]
    if -SLACK <= last.score - goal <= most_above:
        return None
    over = min((one for one in tries if one.score >= goal), default=None)
    fell_short = (one for one in tries if over is None or one.quality < over.quality)
    under = max((one for one in fell_short if one.score < goal), default=None)
    lowest = under.quality + 1 if under else WORST
    highest = over.quality - 1 if over else BEST
    if lowest > highest:
        return None
    if under and over:
        wanted = _between(under, over, goal) if len(tries) < _TRUSTING else (lowest + highest) / 2
    else:
        wanted = _beyond(tries, goal, curve)
    return _within(wanted, lowest, highest)


def _between(under: Tried, over: Tried, goal: float) -> float:
    """Return the quality that a straight line leads to."""
    rise = (goal + _AIM - under.score) / (over.score - under.score)
    return under.quality + rise * (over.quality - under.quality)


def _beyond(tries: list[Tried], goal: float, curve: Curve) -> float:
    """Return a quality further on: by the curve, or by the last two tries where these say more."""
    last = tries[-1]
    wanted = curve.quality_for(goal + _AIM, curve.bent(last.quality, last.score))
    if len(tries) == 1:
        return wanted
    before = tries[-2]
    slope = (last.score - before.score) / (last.quality - before.quality)
    straight = last.quality + (goal + _AIM - last.score) / max(slope, _LEAST_SLOPE)
    return max(wanted, straight) if last.score < goal else min(wanted, straight)


def _within(quality: float, lowest: int, highest: int) -> int:
    return min(max(round(quality), lowest), highest)
