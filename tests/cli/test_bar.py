"""The progress bar, on terminals of several kinds."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("folder")


def show(*arguments: str, columns: int = 80, **environment: str) -> tuple[str, str]:
    """Run a command with a terminal for its standard error; return output and what is shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "imgflow", "run", *arguments],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", **environment},
        text=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return out, shown.decode()


def test_bar_on_a_terminal_and_summary_elsewhere() -> None:
    out, shown = show("recipe.yaml")
    assert out.startswith("4 images in ")
    assert "4/4" in shown
    for part in ("/s, ", " saved, ", " left", ".jpg"):
        assert part in shown


def test_sets_are_told_by_the_file() -> None:
    _, shown = show("set.yaml")
    assert re.search(r"k?B each \(-\d\d%\), [\d.]+ s left", shown)


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_bar_never_wraps(columns: int) -> None:
    _, shown = show("recipe.yaml", columns=columns, NO_COLOR="1")
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]+", shown)]
    assert max(map(len, lines)) <= columns
    assert any(re.search(r"4/4 [\d.]+/s, [\d.]+ kB saved, 0\.0 s left", line) for line in lines)


def test_lines_on_a_terminal_that_cannot_draw() -> None:
    _, shown = show("recipe.yaml", TERM="dumb")
    assert shown.count("\n") == 4
    assert "[4/4] " in shown
    assert "\x1b" not in shown
