"""What jobs of these tests do, in the place of image work: the name of the source says it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imgflow.errors import StorageError
from imgflow.job import Failure, Job, Result, Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.limits import Limits
    from imgflow.storage import Storage

    Progress = Callable[[int], None]


def act(job: Job, storage: Storage, limits: Limits, progress: Progress | None) -> Result:  # noqa: ARG001
    """Do what the input says, then write the number of this process to the output."""
    verb, *words = job.input.split()
    VERBS[verb](progress, *words)
    path = job.outputs[0].path
    try:
        storage.write(path, str(os.getpid()).encode())
    except StorageError as error:
        failure = Failure(code=error.code, message=error.message, retryable=error.retryable)
        Path(f"{words[0]}.refused").touch()
        return Result(status="failed", input=job.input, error=failure)
    written = Written(path=path, format="text", width=1, height=1, bytes=1)
    return Result(status="completed", input=job.input, outputs=(written,), seconds=0.001)


def nothing(job: Job, *_: object) -> Result:
    """Complete at once."""
    return Result(status="completed", input=job.input)


def _write(*_: object) -> None:
    """Do nothing but write."""


def _segfault(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _hang(*_: object) -> None:
    while True:
        time.sleep(1)


def _hog(*_: object) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(os.urandom(1_000_000)))


def _wait(_: Progress | None, mark: str, *__: object) -> None:
    """Say that it runs, in ``mark.begun``, and go on once there is a file ``mark``."""
    with Path(mark + ".begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not os.path.exists(mark):
        time.sleep(0.01)


def _climb(progress: Progress | None, mark: str, *_: object) -> None:
    """Get 10 % further for each file ``mark.1`` to ``mark.9``."""
    assert progress is not None
    for step in range(1, 10):
        while not os.path.exists(f"{mark}.{step}"):
            time.sleep(0.01)
        progress(10 * step)


VERBS: dict[str, Callable[..., None]] = {
    "write": _write,
    "segfault": _segfault,
    "hang": _hang,
    "hog": _hog,
    "wait": _wait,
    "climb": _climb,
}
