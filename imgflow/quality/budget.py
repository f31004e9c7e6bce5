"""The best quality whose file has no more than a number of bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from imgflow.errors import EncodeError
from imgflow.notes import Note
from imgflow.quality.curves import BEST, WORST
from imgflow.quality.pursuit import STRAINED

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.quality.found import Found, Order

#: The score that ways are chosen for: that of a file which has to be small.
_LOW = 50.0
#: A file that is at least this full is taken, though a higher quality might fit as well.
_FULL = 0.98
#: The fullness that is aimed at.
_AIM = 0.99
_MOST_TRIES = 9
#: By so much the logarithm of the size grows with a step of quality, usually and at least.
_USUAL_GROWTH, _LEAST_GROWTH = 0.03, 0.003

Sized = tuple[int, "Found"]


def lower(order: Order, found: Found, cap: int) -> Found:
    """Return the best file of at most so many bytes, where ``found`` has more.

    Raises EncodeError if no file is that small.
    """
    tried: list[Found] = [found]
    fitting: list[Found] = []
    lossless = order.encoder.lossless_way() if order.nature.graphic else None
    if lossless and lossless != found.encoder:
        tried.append(order.make(lossless))
        if len(tried[-1].data) <= cap:
            return order.judged(tried[-1])._replace(encodes=found.encodes + 1)
    ceiling = found.encoder.number or BEST
    for way in _ways_down(order):
        known = found if _same(way.at(ceiling), found.encoder) else None
        tries = _fill(order, way, cap, ceiling, known)
        tried += [one for _, one in tries if one is not found]
        if fullest := _best_under(cap, tries):
            fitting.append(fullest[1])
            if known and fullest[0] < STRAINED:
                break
    if not fitting:
        fitting = _fill_plainly(order, cap, ceiling, tried)
    if len(fitting) > 1 or order.encoder.goal is not None:
        fitting = [order.judged(one) for one in fitting]
    best = max(fitting, key=lambda one: one.score or 0)
    encodes = found.encodes - 1 + len(tried)
    return best._replace(encodes=encodes, notes=(_lowered(order, best, cap),))


def _ways_down(order: Order) -> tuple[Encoder, ...]:
    """Return the ways to a smaller file: none where nothing may be lost."""
    encoder = order.encoder
    return () if encoder.wish == "lossless" else encoder.ways(order.nature, _LOW)


def _fill_plainly(order: Order, cap: int, ceiling: int, tried: list[Found]) -> list[Found]:
    """Return the best file of the encoder as it is, where none of its ways to a score fits.

    These may have what is lost on a tiny file: scans of their own. Raises EncodeError.
    """
    encoder = order.encoder
    known = {one.encoder for one in tried}
    if _ways_down(order) and encoder.at(WORST) not in known:
        tries = _fill(order, encoder, cap, ceiling, None)
        tried += [one for _, one in tries]
        if fullest := _best_under(cap, tries):
            return [fullest[1]]
    raise _too_large(order, cap, tried)


def _fill(order: Order, way: Encoder, cap: int, ceiling: int, known: Found | None) -> list[Sized]:
    """Return the files tried until one fills the cap nearly, or the next quality passes it.

    No quality is tried twice. If no file fits, the last one is of the lowest quality.
    """
    tries: list[Sized] = [(ceiling, known)] if known else []
    quality = _next(tries, cap, ceiling) if tries else ceiling
    while quality is not None and len(tries) < _MOST_TRIES:
        tries.append((quality, order.make(way.at(quality))))
        last = len(tries) == _MOST_TRIES - 1 and not _best_under(cap, tries)
        following = _next(tries, cap, ceiling)
        quality = WORST if last and following else following
    return tries


def _best_under(cap: int, tries: list[Sized]) -> Sized | None:
    fitting = [one for one in tries if len(one[1].data) <= cap]
    return max(fitting, key=_quality, default=None)


def _next(tries: list[Sized], cap: int, ceiling: int) -> int | None:
    """Return the quality to try next, None if there is nothing better to be had."""
    fits = _best_under(cap, tries)
    if fits and len(fits[1].data) >= _FULL * cap:
        return None
    passing = (one for one in tries if len(one[1].data) > cap)
    over = min(passing, key=_quality, default=None)
    lowest = fits[0] + 1 if fits else WORST
    highest = over[0] - 1 if over else ceiling
    if lowest > highest:
        return None
    quality, base = fits or tries[-1]
    growth = _growth(*sorted(tries, key=_quality)[:2]) if len(tries) > 1 else _USUAL_GROWTH
    if fits and over:
        growth = _growth(fits, over)
    wanted = quality + math.log(_AIM * cap / len(base.data)) / growth
    return min(max(math.floor(wanted), lowest), highest)


def _growth(low: Sized, high: Sized) -> float:
    """Return by how much the logarithm of the size grows with a step of quality in between."""
    grown = math.log(len(high[1].data) / len(low[1].data))
    return max(grown / (high[0] - low[0]), _LEAST_GROWTH)


def _quality(sized: Sized) -> int:
    return sized[0]


def _same(way: Encoder, made: Encoder) -> bool:
    """Tell whether one encoder did what another of its format would do, as far as they say."""
    return made.number is not None and made.sampling != "" and way.curve == made.curve


def _lowered(order: Order, best: Found, cap: int) -> Note:
    quality, size = best.encoder.number, len(best.data)
    details: dict[str, Any] = {"max_bytes": cap, "bytes": size, "quality": quality}
    reached = ""
    if best.score is not None:
        details["score"] = round(best.score, 2)
        reached = f", a score of {best.score:.1f},"
    message = (
        f"{order.encoder.name()}: quality was lowered to {quality}{reached} "
        f"for a file of at most {cap} bytes; it has {size}"
    )
    return Note("warning", "quality-lowered", message, details)


def _too_large(order: Order, cap: int, tried: list[Found]) -> EncodeError:
    least = min(tried, key=lambda one: len(one.data))
    at = f" at quality {least.encoder.wish}" if len(tried) > 1 else ", without loss"
    message = (
        f"{order.encoder.name()}: expected a file of at most {cap} bytes, the least that was "
        f"reached is {len(least.data)}{at}; allow more bytes, make the picture smaller, or "
        "choose another format"
    )
    return EncodeError(message, code="over-max-bytes")
