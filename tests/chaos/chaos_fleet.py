"""Workers as processes: started, killed in every way, and started again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from processes import children
from servers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Way = Literal["parent", "child", "both"]
HERE = Path(__file__).parent
TESTS = HERE.parent


class Hand:
    """One worker process, its events in a file."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, **environment},
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    @property
    def name(self) -> str:
        """The name by which the queue knows it; empty before it has one."""
        return next((event["worker"] for event in self.events("worker-started")), "")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what it has written down under a name."""
        found = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                event = json.loads(line)
                if event["event"] == name:
                    found.append(event)
        return found

    def at_work(self) -> list[int]:
        """Return its child processes that do jobs."""
        return [pid for pid in children(self.pid) if _is_spawned(pid)]

    def kill(self, way: Way, pick: int = 0) -> None:
        """Kill it, or one of its children, or both."""
        if way != "parent" and (below := self.at_work()):
            _kill(below[pick % len(below)])
        if way != "child":
            self._process.kill()
            self._process.wait()

    def ask_to_end(self) -> None:
        self._process.terminate()

    def pause(self) -> None:
        """Stop it as a frozen machine does, its children included."""
        for pid in (self.pid, *children(self.pid)):
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in (*children(self.pid), self.pid):
            os.kill(pid, signal.SIGCONT)

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        return self._process.wait(PATIENCE)


class Fleet:
    """Workers on one queue; all of them are gone when it is left."""

    def __init__(self, folder: Path, command: Sequence[str], **environment: str) -> None:
        self.hands: list[Hand] = []
        self._folder, self._command, self._environment = folder, command, environment
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self.living:
            hand.kill("parent")

    @property
    def living(self) -> list[Hand]:
        return [hand for hand in self.hands if hand.exit_code is None]

    def start(self, prefix: Sequence[str] = (), **environment: str) -> Hand:
        """Start one more worker, by a command in front of its own."""
        log = self._folder / f"worker-{len(self.hands)}.log"
        hand = Hand([*prefix, *self._command], log, {**self._environment, **environment})
        self.hands.append(hand)
        return hand

    def drain(self) -> list[int]:
        """Ask all to end, once they have begun; return their exit codes."""
        living = self.living
        for _ in until():
            if all(hand.name or hand.exit_code is not None for hand in living):
                break
        for hand in living:
            hand.ask_to_end()
        return [hand.wait() for hand in living]


def real_worker(url: str, slots: int = 2) -> list[str]:
    """Return the command line of a worker as people start it."""
    words = ["worker", "--redis", url, "--concurrency", str(slots), "--log-format", "json"]
    return [sys.executable, "-P", "-m", "imgflow", *words]


def rigged_worker(**order: Any) -> list[str]:
    """Return that of a worker to which faults can be told: see ``chaos_worker.py``."""
    return [sys.executable, str(HERE / "chaos_worker.py"), json.dumps(order)]


def until(patience: float = PATIENCE, pause: float = 0.05) -> Iterator[float]:
    """Yield the seconds that have passed, again and again, and fail when it takes too long."""
    started = time.monotonic()
    while (passed := time.monotonic() - started) < patience:
        yield passed
        time.sleep(pause)
    message = f"nothing came of it in {patience:.0f} s"
    raise AssertionError(message)


def _is_spawned(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
