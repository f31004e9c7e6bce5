"""What runs in a worker process: jobs in, results out, an eye on memory and on the parent."""

from __future__ import annotations

import functools
import importlib
import multiprocessing
import os
import signal
import threading
from multiprocessing import connection
from typing import TYPE_CHECKING

import msgspec

from imgflow.job import Job
from imgflow.limits import Limits
from imgflow.runner.attempt import attempt
from imgflow.runner.memory import private_bytes
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from types import FrameType

#: Exit codes of a worker: it outgrew its memory; it was told to stop.
EXIT_MEMORY, EXIT_STOPPED = 117, 128 + signal.SIGTERM
#: Seconds between two looks at the memory in use.
TICK = 0.05


class Station:
    """The place where one worker process works: a storage, limits, and a watch on both."""

    def __init__(self, limits: Limits) -> None:
        """Take the limits of every job here."""
        self.limits = limits
        self.storage = LocalStorage()
        self.busy = False

    def work(self, batch: bytes) -> bytes:
        """Execute jobs one after the other, from JSON to JSON."""
        self.busy = True
        try:
            jobs = msgspec.json.decode(batch, type=list[Job])
            return msgspec.json.encode([attempt(job, self.storage, self.limits) for job in jobs])
        finally:
            self.busy = False

    def watch(self, *ends: connection.Connection | int) -> None:
        """Leave when the parent is gone or says so, or when a job takes too much memory.

        This runs in a thread, because a signal handler would wait for libvips to return.
        """
        while not connection.wait(ends, TICK):
            if self.busy and private_bytes() > self.limits.memory_bytes:
                self._leave(EXIT_MEMORY)
        self._leave(EXIT_STOPPED)

    def _leave(self, code: int) -> None:
        """Exit at once, but not in the middle of a file."""
        self.storage.close()
        os._exit(code)


def start(limits: bytes) -> None:
    """Set this process up as a worker: called once, before its first job.

    What jobs need is imported here, so that no job pays for it with its time limit.
    """
    station = _station(limits)
    signal.signal(signal.SIGTERM, _leave_to_watch)
    wakeup, notice = os.pipe()
    os.set_blocking(notice, False)
    signal.set_wakeup_fd(notice)
    ends: list[connection.Connection | int] = [wakeup]
    if parent := multiprocessing.parent_process():
        ends.append(parent.sentinel)
    threading.Thread(target=station.watch, args=ends, daemon=True).start()
    importlib.import_module("imgflow.execute")


def work(batch: bytes, limits: bytes) -> bytes:
    """Execute jobs in this process."""
    return _station(limits).work(batch)


@functools.cache
def _station(limits: bytes) -> Station:
    return Station(msgspec.json.decode(limits, type=Limits))


def _leave_to_watch(number: int, frame: FrameType | None) -> None:
    """Do nothing here: the signal also wakes the watching thread."""
