"""The search for a file that looks as good as asked, in as few bytes as that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.notes import Note
from imgflow.quality.budget import lower
from imgflow.quality.found import Order
from imgflow.quality.pursuit import SLACK, STRAINED, first_quality, pursue

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.nature import Nature
    from imgflow.quality.found import Found, Press, Tried
    from imgflow.quality.subject import Subject

__all__ = ["SLACK", "seek"]

#: A way that is predicted to need more than this comes last: often it cannot reach the goal.
_DOUBTFUL = 98


def seek(subject: Subject, encoder: Encoder, nature: Nature, press: Press) -> Found:
    """Return the smallest file that reaches the goal of an encoder, and is within its size.

    Where the goal cannot be had, that is the best file, with a note. Raises EncodeError where
    no quality makes a file that is small enough.
    """
    order = Order(subject, encoder, nature, press)
    goal, cap = encoder.goal, encoder.most_bytes
    found = order.make(encoder) if goal is None else _reach(order, goal)
    return found if cap is None or len(found.data) <= cap else lower(order, found, cap)


def _reach(order: Order, goal: float) -> Found:
    """Return the smallest file that reaches a goal, of all ways that may lead to it."""
    lossless = order.encoder.lossless_way()
    made: list[Found] = []
    missed: list[Tried] = []
    encodes = 0
    if lossless and order.nature.graphic:
        made.append(order.make(lossless))
        lossless, encodes = None, 1
    for way in _likeliest_first(order, goal):
        most = min((len(one.data) for one in made), default=None)
        target = way.target(goal)
        tries = pursue(order, way, target, most)
        encodes += len(tries)
        best = max(tries, key=lambda tried: (tried.score >= target - SLACK, -len(tried.data)))
        if best.score < target - SLACK:
            missed.append(max(tries, key=lambda tried: tried.score))
            continue
        made.append(order.finish(best))
        if best.quality < STRAINED and not _compares_all(order):
            break
    if not made and (lossless or not missed):
        made.append(order.make(lossless or order.encoder))
        encodes += 1
    if made:
        smallest = min(made, key=lambda one: len(one.data))
        return order.judged(smallest)._replace(encodes=encodes)
    nearest = max(missed, key=lambda tried: tried.score)
    return order.finish(nearest)._replace(encodes=encodes, notes=(_missed(order, goal, nearest),))


def _likeliest_first(order: Order, goal: float) -> tuple[Encoder, ...]:
    """Return the ways to a goal, those last that are predicted to need the utmost."""
    ways = order.encoder.ways(order.nature, goal)
    if len(ways) < 2:  # noqa: PLR2004
        return ways
    features = order.subject.features
    strains = {way: first_quality(way, features, way.target(goal)) > _DOUBTFUL for way in ways}
    return tuple(sorted(ways, key=strains.__getitem__))


def _compares_all(order: Order) -> bool:
    """Tell whether no way is to be left out: which is best for graphics, only trying tells."""
    return order.nature.graphic or order.encoder.spares_nothing


def _missed(order: Order, goal: float, best: Tried) -> Note:
    name = order.encoder.name()
    message = f"{name}: a score of {goal:g} cannot be reached, {best.score:.1f} was"
    return Note("warning", "score-missed", message, {"goal": goal, "score": round(best.score, 2)})
