"""The progress bar, on a terminal of 80 columns."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("folder")


def test_bar_on_a_terminal_and_summary_elsewhere() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "imgflow", "run", "recipe.yaml"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
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
    assert out.startswith("4 images in ")
    assert b"4/4" in shown
    assert b"/s, " in shown
    assert b" saved, " in shown
    assert b" left" in shown
    assert b".jpg" in shown
