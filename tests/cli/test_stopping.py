"""Ctrl-C and SIGKILL: soon over, no half file, no orphan."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from command import group, imgflow, start, wait_for
from PIL import Image

from imgflow.storage import temporary

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path


#: Starts a command.
Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Return a function that starts commands, none of which survives the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object) -> subprocess.Popen[str]:
        started.append(start(*arguments))
        return started[-1]

    yield run
    for process in started:
        for pid in group(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def busy(process: subprocess.Popen[str], seconds: float = 1.0) -> bool:
    """Tell whether a process of the group has computed for a while."""
    for pid in group(process.pid):
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > seconds:
            return True
    return False


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for the end of a command that was told to stop, and return what it said."""
    _, err = process.communicate(timeout=60)
    wait_for(lambda: not group(process.pid))
    return err


def check_cut_short(top: Path) -> None:
    """Some image was left undone: the command did not wait for the work it had begun."""
    assert len(list(top.glob("dist/large*.avif"))) < len(list(top.glob("photos/large*.jpg")))


def check_whole(top: Path) -> None:
    """Every file below a folder is a whole picture."""
    for path in top.rglob("*"):
        if path.is_file():
            with Image.open(path) as image:
                image.load()


@pytest.mark.slow
@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "parent only"])
@pytest.mark.parametrize("inputs", [["photos"], ["photos/large0.jpg"]], ids=["many", "one"])
def test_interrupt(large: Path, launch: Launch, inputs: list[str], *, whole_group: bool) -> None:
    process = launch("run", "slow.yaml", *inputs, "--jobs", 2)
    wait_for(lambda: busy(process))
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    err = finish(process)
    assert process.returncode == 130
    assert err.endswith("interrupted\n")
    assert "Traceback" not in err
    assert not list(large.rglob("*" + temporary.SUFFIX))
    check_cut_short(large)
    check_whole(large / "dist")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop(large: Path, launch: Launch, number: signal.Signals) -> None:
    process = launch("run", "slow.yaml", "--jobs", 2)
    wait_for(lambda: busy(process))
    process.send_signal(number)
    assert finish(process) == "interrupted\n"
    assert process.returncode == 128 + number
    assert not list(large.rglob("*" + temporary.SUFFIX))
    check_cut_short(large)
    check_whole(large / "dist")


@pytest.mark.slow
def test_killed_parent_takes_its_workers_along(large: Path, launch: Launch) -> None:
    process = launch("run", "slow.yaml", "--jobs", 2)
    wait_for(lambda: busy(process))
    process.kill()
    process.communicate()
    wait_for(lambda: not group(process.pid))
    for path in large.glob("dist/*"):
        assert path.suffix == ".avif"
    check_cut_short(large)
    check_whole(large / "dist")


def test_next_run_clears_what_a_killed_one_left(folder: Path) -> None:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    machine, _, rest = temporary.temporary_name()[1:].partition(".")
    token = rest.partition(".")[2]
    (folder / "dist").mkdir()
    (folder / "dist" / f".{machine}.{pid}.{token}").write_bytes(b"half")
    assert imgflow("run", "recipe.yaml", "photos/cup.jpg", "-q").code == 0
    assert os.listdir(folder / "dist") == ["cup.jpg"]
