"""A small board in shared memory: how far each job is, and until when it may write."""

from __future__ import annotations

import itertools
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ctypes import Array, c_double, c_ubyte, c_uint64

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def read_clock() -> float:
    """Return seconds that pass alike for all processes, asleep or not; no date is meant."""
    return time.clock_gettime(_CLOCK)


class Berth(NamedTuple):
    """A place on a board, for one run of one job: ``serial`` tells it from later ones."""

    line: int
    serial: int


class Board:
    """One line for each job that is in a pool: a progress, and the deadline of its lease.

    The parent writes deadlines, the worker process writes progress, each a single aligned
    store into memory that both map: there is no lock that a killed process could keep, and
    no file that it could leave behind. A worker process gets the board when it is spawned.
    """

    def __init__(self, size: int) -> None:
        """Set up ``size`` lines, all of which refuse."""
        from multiprocessing.sharedctypes import RawArray

        self._deadlines: Array[c_double] = RawArray("d", size)
        self._serials: Array[c_uint64] = RawArray("Q", size)
        self._progress: Array[c_ubyte] = RawArray("B", size)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._progress)

    def assign(self, berth: Berth, deadline: float) -> None:
        """Give a line to a job, which may write until ``deadline`` on :func:`read_clock`.

        In this order, so that the process that had the line before, and may still be on
        its way out, never reads a deadline that is not its own.
        """
        self._deadlines[berth.line] = 0.0
        self._serials[berth.line] = berth.serial
        self._progress[berth.line] = 0
        self._deadlines[berth.line] = deadline

    def renew(self, berth: Berth, deadline: float) -> None:
        """Move the deadline of a job; not for one that was revoked."""
        if self._serials[berth.line] == berth.serial:
            self._deadlines[berth.line] = deadline

    def revoke(self, berth: Berth) -> None:
        """Forbid a job to write, for good."""
        if self._serials[berth.line] == berth.serial:
            self._serials[berth.line] = 0
            self._deadlines[berth.line] = 0.0

    def is_good(self, berth: Berth) -> bool:
        """Tell whether a job may write at this moment.

        The deadline is read before the serial: the reverse of :meth:`assign`.
        """
        deadline = self._deadlines[berth.line]
        return self._serials[berth.line] == berth.serial and read_clock() < deadline

    def report(self, berth: Berth, percent: int) -> None:
        """Write down how far a job is, from its worker process; 0 says that it has begun."""
        if self._serials[berth.line] == berth.serial:
            self._progress[berth.line] = percent + 1

    def progress(self, berth: Berth) -> int | None:
        """Return how far a job is, in percent; None if it has not begun."""
        return self._progress[berth.line] - 1 if self._progress[berth.line] else None


class Berths:
    """The free lines of a board, in the parent. Not safe for threads.

    The line that has been free for longest is the next to be used.
    """

    def __init__(self, size: int) -> None:
        """Start with all lines free."""
        self._free = deque(range(size))
        self._serials = itertools.count(1)

    def take(self) -> Berth:
        """Return a free line; raises IndexError if there is none."""
        return Berth(self._free.popleft(), next(self._serials))

    def give(self, berth: Berth) -> None:
        """Take a line back."""
        self._free.append(berth.line)
