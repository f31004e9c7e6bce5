"""Worker processes that start clean: no script of the caller, no Ctrl-C, few heaps."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import types
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import RLock

_STARTING = threading.Lock()


class CleanProcess(SpawnProcess):
    """A spawned process that inherits nothing it could trip over."""

    def start(self) -> None:
        """Start the process."""
        with _STARTING, _main_hidden(), _interrupt_blocked(), _few_heaps():
            super().start()


class CleanContext(SpawnContext):
    """The context for a pool of such processes."""

    Process = CleanProcess

    def __init__(self) -> None:
        """Set up the context of one pool."""
        self._locks: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802 - named by the class above
        """Make a lock that lives until :meth:`drop_locks`.

        Pebble drops the locks of a pool before it stops the processes: one that had just been
        started would miss them, and say so with a traceback.
        """
        lock = super().RLock()
        self._locks.append(lock)
        return lock

    def drop_locks(self) -> None:
        """Give the locks back, now that all processes are gone."""
        self._locks.clear()


@contextlib.contextmanager
def _main_hidden() -> Iterator[None]:
    """Keep the child from importing the caller's script.

    Spawned processes import ``__main__`` again, for functions that it may define. Ours
    need none of them, and a script without ``if __name__ == "__main__"`` would start the
    batch over and over.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextlib.contextmanager
def _interrupt_blocked() -> Iterator[None]:
    """Have the child inherit a blocked SIGINT: Ctrl-C is for the parent to handle."""
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _few_heaps() -> Iterator[None]:
    """Have the child keep two heaps for all its threads, where glibc would keep 8 a core.

    Measured on 24 megapixels made into eight files: 113 MB at the peak in place of 158, in
    the same time.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        yield
        return
    os.environ["MALLOC_ARENA_MAX"] = "2"
    try:
        yield
    finally:
        del os.environ["MALLOC_ARENA_MAX"]
