"""Sizes, times and counts as the report words them."""

from __future__ import annotations

_KILO, _MEGA, _GIGA = 1e3, 1e6, 1e9
_WHOLE = 100
_MINUTE = 60


def size_text(count: float) -> str:
    """Return a number of bytes in kB, MB or GB, with three figures or so."""
    unit, name = next(
        (found for found in ((_GIGA, "GB"), (_MEGA, "MB")) if abs(count) >= found[0]),
        (_KILO, "kB"),
    )
    value = count / unit
    return f"{value:,.{0 if abs(value) >= _WHOLE else 1}f} {name}"


def time_text(seconds: float) -> str:
    """Return a duration as ``0.42 s``, ``12.3 s`` or ``3 min 5 s``."""
    if seconds < _MINUTE:
        return f"{seconds:.{1 if seconds >= 1 else 2}f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes:,} min {rest} s"


def count_text(count: int, noun: str) -> str:
    """Return ``1 image`` or ``1,200 images``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def share_text(share: float) -> str:
    """Return how much less a share of 1 is: ``63% smaller``, ``4% larger``."""
    change = round(100 * (1 - share))
    if change == 0:
        return "the same size" if share == 1 else "about the same size"
    return f"{abs(change)}% {'smaller' if change > 0 else 'larger'}"
