"""Two files side by side, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgflow.ladder.rungs import Rung

_TWICE = 2


def more_text(rung: Rung, best: Rung) -> str:
    """Return how much larger a file is than the smallest: ``+12%``, or ``4.2 x`` from twice on."""
    share = rung.bytes / best.bytes
    return f"{share:.1f} x" if share >= _TWICE else f"+{share - 1:.0%}"
