"""Text that is safe to print, in columns too."""

from __future__ import annotations

import json
import os
import sys
from io import BytesIO, TextIOWrapper

import pytest

from imgflow.cli.columns import print_columns, print_text
from imgflow.cli.printing import OutputLost, flush, print_error, print_json, print_line, visible


def test_columns_wrap(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_columns([("a", "one two three four five six"), ("x" * 28, "seven")], indent=2)
    assert capsys.readouterr().out.splitlines() == [
        "  a  one two three four five",
        "     six",
        "  " + "x" * 28,
        "     seven",
    ]


def test_paragraphs_wrap(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    print_text("one two three\nfour five six\n\nseven", indent=1)
    assert capsys.readouterr().out.splitlines() == [" one two three four five", " six", " seven"]


def test_names_with_hyphens_stay_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_text("one two three four web-photo.yaml", indent=2)
    assert capsys.readouterr().out == "  one two three four\n  web-photo.yaml\n"


def test_names_that_are_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9")
    print_line(name)
    print_json({"name": [name, "\u00fc"]})
    plain, as_json = capsys.readouterr().out.splitlines()
    assert plain == r"caf\xe9"
    assert json.loads(as_json) == {"name": [r"caf\xe9", "\u00fc"]}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("it's \u00e9t\u00e9.jpg", "it's \u00e9t\u00e9.jpg"),
        ("\x1b[31mred\n.jpg", r"\x1b[31mred\n.jpg"),
        ("a\tb\u202e", r"a\tb\u202e"),
    ],
)
def test_names_can_do_nothing_to_a_terminal(
    name: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert visible(name) == shown
    print_line(name)
    print_error(name)
    assert capsys.readouterr() == (shown + "\n", shown + "\n")


def test_output_that_knows_few_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = TextIOWrapper(BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    print_line("\u00e9")
    print_json({"name": "\u00e9\U0001f600"})
    plain, as_json = stream.buffer.getvalue().decode("ascii").splitlines()
    assert plain == r"\xe9"
    assert json.loads(as_json) == {"name": "\u00e9\U0001f600"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
def test_output_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "wb", buffering=0) as device:
        stream = TextIOWrapper(device, encoding="utf-8", write_through=True)
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(OutputLost, match="standard output: cannot be written: No space left"):
            print_line("text")
        flush()
        monkeypatch.undo()
