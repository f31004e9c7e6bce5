"""Numbers as people read them."""

from __future__ import annotations

import pytest

from imgflow.cli.figures import (
    change_text,
    count_text,
    gain_text,
    size_text,
    time_text,
    totals_text,
)
from imgflow.summary import Summary


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2_345_678, "2.3 MB"),
        (7_000_000_000_000_000, "7000 TB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (4.25, "4.2 s"),
        (59.9, "59.9 s"),
        (60, "1:00"),
        (185, "3:05"),
        (3723, "1:02:03"),
    ],
)
def test_times(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_counts_and_changes() -> None:
    assert count_text(1, "image") == "1 image"
    assert count_text(1234, "file") == "1,234 files"
    assert change_text(1500) == "1.5 kB saved"
    assert change_text(-1500) == "1.5 kB more"


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
