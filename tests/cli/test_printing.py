"""Numbers as people read them, text in columns."""

from __future__ import annotations

import json
import os

import pytest

from imgflow.cli.columns import print_columns, print_text
from imgflow.cli.printing import (
    change_text,
    count_text,
    print_json,
    print_line,
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


def test_columns_wrap(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_columns([("a", "one two three four five six"), ("x" * 30, "seven")], indent=2)
    assert capsys.readouterr().out.splitlines() == [
        "  a  one two three four five",
        "     six",
        "  " + "x" * 30,
        "     seven",
    ]


def test_paragraphs_wrap(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    print_text("one two three\nfour five six\n\nseven", indent=1)
    assert capsys.readouterr().out.splitlines() == [" one two three four five", " six", " seven"]


def test_names_that_are_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9")
    print_line(name)
    print_json({"name": name})
    plain, as_json = capsys.readouterr().out.splitlines()
    assert plain == r"caf\udce9"
    assert os.fsencode(json.loads(as_json)["name"]) == b"caf\xe9"
