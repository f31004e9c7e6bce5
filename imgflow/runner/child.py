"""What runs in a worker process: jobs in, results out, an eye on memory and on the parent."""

from __future__ import annotations

import functools
import multiprocessing
import os
import pkgutil
import signal
import threading
import time
from multiprocessing import connection
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import ImgflowError
from imgflow.runner.allowing import AllowedStorage, check_files
from imgflow.runner.attempt import attempt, lost
from imgflow.runner.errand import Errand, Setup
from imgflow.runner.leased import LEASE_LOST, LeasedStorage
from imgflow.runner.memory import private_bytes
from imgflow.storage.opening import open_settled

if TYPE_CHECKING:
    from imgflow.guard import Allowed
    from imgflow.job import Job, Result
    from imgflow.runner.attempt import Progress, Work
    from imgflow.runner.board import Board
    from imgflow.storage import Storage

#: Exit codes of a worker: it outgrew its memory; it was told to stop.
EXIT_MEMORY, EXIT_STOPPED = 117, 128 + signal.SIGTERM
#: Seconds between two looks at the memory in use.
TICK = 0.05


class Station:
    """The place where one worker process works: a storage, limits, and a watch on both."""

    def __init__(self, setup: Setup) -> None:
        """Take what holds for every job here, and import what it needs."""
        self.board: Board | None = None
        self._limits = setup.limits
        self._allowed = _parse(setup.allow) if setup.allow else None
        self._storage = open_settled(
            setup.stores, setup.limits, hosts=setup.hosts, allowed=self._allowed
        )
        self._work: Work = pkgutil.resolve_name(setup.work)
        self._busy = False

    def work(self, batch: bytes) -> bytes:
        """Execute jobs one after the other, from JSON to JSON."""
        self._busy = True
        try:
            errands = msgspec.json.decode(batch, type=list[Errand])
            return msgspec.json.encode([self._run(errand) for errand in errands])
        finally:
            self._busy = False

    def watch(self, parent: int, alive: connection.Connection | int) -> None:
        """Leave when the parent is gone or says so, or when a job takes too much memory.

        This runs in a thread, because a signal handler would wait for libvips to return.
        """
        while not connection.wait([alive], 0) and not _is_told_to_stop(parent):
            if self._busy and private_bytes() > self._limits.memory_bytes:
                self._leave(EXIT_MEMORY)
        self._leave(EXIT_STOPPED)

    def _run(self, errand: Errand) -> Result:
        """Do a job, unless it is somebody else's by now."""
        job, berth, board = errand.job, errand.berth, self.board
        if berth is None or board is None:
            return self._attempt(job, self._storage)
        if not board.is_good(berth):
            return lost(job, LEASE_LOST, f"{job.input}: not begun, the lease of the job is over")
        board.report(berth, 0)
        storage = LeasedStorage(self._storage, board, berth)
        return self._attempt(job, storage, functools.partial(board.report, berth))

    def _attempt(self, job: Job, storage: Storage, progress: Progress | None = None) -> Result:
        if self._allowed is not None:
            try:
                check_files(job, self._allowed)
            except ImgflowError as error:
                return lost(job, error.code, error.message)
            storage = AllowedStorage(storage, self._allowed)
        return attempt(self._work, job, storage, self._limits, progress)

    def _leave(self, code: int) -> None:
        """Exit at once, but not in the middle of a file."""
        self._storage.close()
        os._exit(code)


def start(setup: bytes, board: Board | None) -> None:
    """Set this process up as a worker: called once, before its first job.

    What jobs need is imported here, so that no job pays for it with its time limit.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    station = _station(setup)
    station.board = board
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        watch = (parent.pid, parent.sentinel)
        threading.Thread(target=station.watch, args=watch, daemon=True).start()


def work(batch: bytes, setup: bytes) -> bytes:
    """Execute jobs in this process."""
    return _station(setup).work(batch)


@functools.cache
def _station(setup: bytes) -> Station:
    return Station(msgspec.json.decode(setup, type=Setup))


def _parse(prefixes: tuple[str, ...]) -> Allowed:
    from imgflow.guard import Allowed

    return Allowed(prefixes)


def _is_told_to_stop(parent: int) -> bool:
    """Wait a tick for a SIGTERM from the parent.

    One from somebody else is for the whole group of processes: the parent got it as well,
    and may want the job finished first.
    """
    if not hasattr(signal, "sigtimedwait"):
        time.sleep(TICK)
        return signal.SIGTERM in signal.sigpending()
    told = signal.sigtimedwait({signal.SIGTERM}, TICK)
    return told is not None and told.si_pid == parent
