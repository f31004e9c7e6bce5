"""A program that runs a command for as long as its own parent lives.

``python leash.py GRACE COMMAND...`` holds on to its standard input, a pipe whose other end only
the parent has. When that ends, however the parent died, the command gets SIGTERM, and after
GRACE seconds its whole process group SIGKILL. Signals to the leash reach the command, and the
leash exits as the command did. On Linux the command dies with a killed leash, too.

It runs as a file and by itself, without site packages: it must start in no time.
"""

from __future__ import annotations

import functools
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code, 128 and the number for one that a signal ended."""
    grace, command = float(arguments[0]), arguments[1:]
    wakened, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *_PASSED_ON):
        signal.signal(number, _leave_to_watch)
    try:
        child = _start(command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: cannot be started: {error.strerror}\n")
        return 127
    code = _watch(child, wakened, grace)
    _kill_group(child.pid)
    return 128 - code if code < 0 else code


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - the command is the parent's
        command,
        stdin=subprocess.DEVNULL,
        close_fds=False,  # a lock that the parent handed on is held by the command
        process_group=0,
        preexec_fn=functools.partial(_tie, os.getpid()),  # noqa: PLW1509 - one thread here
    )


def _watch(child: subprocess.Popen[bytes], wakened: int, grace: float) -> int:
    lifeline: list[int] = [0]
    deadline: float | None = None
    while (code := child.poll()) is None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            _kill_group(child.pid)
            return child.wait()
        ready, _, _ = select.select([*lifeline, wakened], [], [], left)
        if wakened in ready:
            for number in os.read(wakened, 512):
                if number in _PASSED_ON:
                    child.send_signal(number)
        if 0 in ready and not os.read(0, 512):
            lifeline, deadline = [], time.monotonic() + grace
            child.send_signal(signal.SIGTERM)
    return code


def _leave_to_watch(number: int, frame: FrameType | None) -> None:
    """Do nothing: the number is in the pipe that wakes the loop."""


def _tie(leash: int) -> None:
    """Have the kernel kill this process when the leash dies (PR_SET_PDEATHSIG)."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
    if os.getppid() != leash:
        os.kill(os.getpid(), signal.SIGKILL)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _run() -> NoReturn:
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _run()
