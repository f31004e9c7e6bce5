"""The command as a user runs it: another process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

RECIPE = """\
version: 1
name: small
vars: {out: dist, side: 60}
inputs: {from: photos}
steps:
  - {op: resize, width: 60}
outputs:
  - {path: "{out}/{dir}/{stem}.{ext}", format: jpeg}
"""

#: Two files for each source.
SET = """\
version: 1
inputs: {from: photos}
outputs:
  - {path: "dist/{stem}.{ext}", formats: [jpeg, webp], widths: [50]}
"""

#: Keeps a worker busy for many seconds with a large picture.
SLOW = """\
version: 1
inputs: {from: photos}
outputs:
  - {path: "dist/{stem}.avif", format: avif, effort: 9}
"""


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output, each line of it JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def imgflow(*arguments: object, stdin: str = "", **environment: str) -> Done:
    """Run a command to its end, in the current folder."""
    done = subprocess.run(
        [sys.executable, "-m", "imgflow", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80", **environment},
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a command as a terminal does: in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "imgflow", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def group(pgid: int) -> list[int]:
    """Return the living processes of a group."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == pgid and fields[0] != "Z":
            found.append(int(pid))
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found
