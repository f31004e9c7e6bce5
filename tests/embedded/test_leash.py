"""Commands on a leash end with whoever holds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from command import wait_for
from processes import alive, children

from imgflow.embedded import Child

SLEEP = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)"]
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
helper = subprocess.Popen(["sleep", "600"])
print(helper.pid, flush=True)
time.sleep(600)
"""
PARENT = """
import os, sys, time
from imgflow.embedded import Child
child = Child("sleep", ["sleep", "600"])
print(child._process.pid, flush=True)
time.sleep(600)
"""


class Ear:
    """Collects the lines of a child."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.heard = threading.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self.heard.set()


@pytest.mark.parametrize(
    ("program", "code"),
    [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137), ("", 0)],
)
def test_it_exits_as_the_command_did(program: str, code: int) -> None:
    child = Child("python", [sys.executable, "-c", program])
    assert child.wait(60)
    assert child.exit_code == code


def test_a_command_that_is_not_there() -> None:
    ear = Ear()
    child = Child("nothing", ["/no/such/program"], hear=ear)
    assert child.wait(60)
    assert child.exit_code == 127
    assert ear.lines == ["/no/such/program: cannot be started: No such file or directory"]


def test_every_line_is_heard() -> None:
    ear = Ear()
    program = "import sys; [print(i) for i in range(3000)]; sys.stderr.write('last')"
    assert Child("python", [sys.executable, "-c", program], hear=ear).wait(60)
    assert ear.lines == [*map(str, range(3000)), "last"]


def test_it_is_asked_to_end() -> None:
    ear = Ear()
    child = Child("sleep", SLEEP, hear=ear)
    assert ear.heard.wait(60)
    assert child.exit_code is None
    assert child.stop(60)
    assert child.exit_code == 128 + signal.SIGTERM


def test_one_that_will_not_end_is_killed_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("imgflow.embedded.child.GRACE", 0.1)
    ear = Ear()
    child = Child("stubborn", [sys.executable, "-c", STUBBORN], hear=ear)
    assert ear.heard.wait(60)
    assert not child.stop(0.1)
    assert child.exit_code == 128 + signal.SIGKILL
    wait_for(lambda: not alive(int(ear.lines[0])))


def test_it_takes_all_with_it_that_it_started() -> None:
    ear = Ear()
    program = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True)"
    child = Child("parent", [sys.executable, "-c", program], hear=ear)
    assert child.wait(60)
    assert child.exit_code == 0
    wait_for(lambda: not alive(int(ear.lines[0])))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("victim", ["parent", "leash"])
def test_the_command_ends_when_its_holder_is_killed(victim: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        leash = int(parent.stdout.readline())
        (command,) = wait_for(lambda: children(leash))
        wait_for(lambda: Path(f"/proc/{command}/comm").read_text() == "sleep\n")
        os.kill(parent.pid if victim == "parent" else leash, signal.SIGKILL)
        wait_for(lambda: not alive(command))
        parent.kill()
