"""What a run gained, in words."""

from __future__ import annotations

import pytest

from imgflow.cli.figures import gain_text, totals_text
from imgflow.summary import Summary


@pytest.mark.parametrize(
    ("summary", "totals", "gain"),
    [
        (Summary(), "0 B in, 0 B out", "0 B saved"),
        (
            Summary(completed=2, written=2, bytes_in=2000, bytes_out=500),
            "2.0 kB in, 500 B out, 1.5 kB saved (75.0%)",
            "1.5 kB saved",
        ),
        (
            Summary(completed=2, written=1, kept=1, bytes_in=2000, bytes_out=2500),
            "2.0 kB in, 2.5 kB out, 500 B more (25.0%)",
            "500 B more",
        ),
        (
            Summary(completed=2, written=8, kept=2, bytes_in=2000, bytes_out=3000, single=False),
            "2.0 kB in, 3.0 kB out, 300 B each (70% smaller than a source)",
            "300 B each (-70%)",
        ),
        (
            Summary(completed=2, written=4, bytes_in=2000, bytes_out=5000, single=False),
            "2.0 kB in, 5.0 kB out, 1.2 kB each (25% larger than a source)",
            "1.2 kB each (+25%)",
        ),
    ],
    ids=["nothing", "saved", "grew", "sets", "sets that grew"],
)
def test_what_a_run_gained(summary: Summary, totals: str, gain: str) -> None:
    assert totals_text(summary) == totals
    assert gain_text(summary) == gain
