"""Numbers as people read them."""

from __future__ import annotations

import pytest

from imgflow.wording import (
    change_text,
    count_text,
    kilo_text,
    share_text,
    size_text,
    time_text,
)


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
        (-2_345_678, "-2.3 MB"),
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
        (0.001, "0.0 s"),
        (0.123, "0.12 s"),
        (0.996, "1.0 s"),
        (4.25, "4.2 s"),
        (59.9, "59.9 s"),
        (59.96, "1 min 0 s"),
        (185, "3 min 5 s"),
        (3599.6, "1 h 0 min"),
        (3723, "1 h 2 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_times(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_counts_and_changes() -> None:
    assert count_text(1, "image") == "1 image"
    assert count_text(1234, "file") == "1,234 files"
    assert change_text(1500) == "1.5 kB saved"
    assert change_text(-1500) == "1.5 kB more"


def test_kilobytes() -> None:
    assert [kilo_text(count) for count in (512, 99_949, 99_950, 1_234_567)] == [
        "0.5",
        "99.9",
        "100",
        "1,235",
    ]


def test_shares() -> None:
    assert [share_text(share) for share in (0.25, 1.5, 1, 1.001)] == [
        "75% smaller",
        "50% larger",
        "the same size",
        "about the same size",
    ]
