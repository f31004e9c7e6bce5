"""What a run gained, as people read it: in bytes, and in scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.wording import change_text, size_text

if TYPE_CHECKING:
    from imgflow.summary import Scores, Summary


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
