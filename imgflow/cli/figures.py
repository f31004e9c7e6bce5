"""Numbers as people read them: sizes, times, counts, and what a run gained."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgflow.summary import Scores, Summary

_UNITS = ("B", "kB", "MB", "GB", "TB")
_MINUTE, _HOUR = 60, 3600


def size_text(count: float) -> str:
    """Return a number of bytes as ``1.2 MB``, in powers of 1000."""
    for unit in _UNITS:
        if count < 999.5 or unit == _UNITS[-1]:  # noqa: PLR2004
            break
        count /= 1000
    digits = 0 if unit == "B" or count >= 99.95 else 1  # noqa: PLR2004
    return f"{count:.{digits}f} {unit}"


def change_text(saved: int) -> str:
    """Return ``1.2 MB saved``, or ``1.2 MB more`` for a negative number of bytes."""
    return f"{size_text(saved)} saved" if saved >= 0 else f"{size_text(-saved)} more"


def time_text(seconds: float) -> str:
    """Return a duration as ``4.2 s``, ``3:05`` or ``1:02:03``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _HOUR:
        return f"{minutes}:{rest:02}"
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02}:{rest:02}"


def count_text(count: int, noun: str) -> str:
    """Return ``1 image`` or ``1,200 images``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def totals_text(summary: Summary) -> str:
    """Return bytes in and out, and what was saved, or how long a file is if there are sets."""
    totals = f"{size_text(summary.bytes_in)} in, {size_text(summary.bytes_out)} out"
    if not summary.files:
        return totals
    if summary.single:
        return f"{totals}, {change_text(summary.saved)} ({abs(summary.shrinkage):.1%})"
    share = summary.shrinkage
    compared = f"{abs(share):.0%} {'smaller' if share >= 0 else 'larger'} than a source"
    return f"{totals}, {_each(summary)} ({compared})"


def scores_text(scores: Scores) -> str:
    """Return how good judged files look: ``from 79.8, mean 80.9; 1.5 encodes a file``."""
    each = scores.encodes / scores.count
    return f"from {scores.lowest:.1f}, mean {scores.mean:.1f}; {each:.1f} encodes a file"


def gain_text(summary: Summary) -> str:
    """Return the same in short: ``1.3 MB saved``, or ``65.0 kB each (-72%)`` for sets."""
    if summary.single:
        return change_text(summary.saved)
    return f"{_each(summary)} ({-summary.shrinkage:+.0%})"


def _each(summary: Summary) -> str:
    return f"{size_text(summary.bytes_out / summary.files)} each"
