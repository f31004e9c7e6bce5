"""The job that does nothing but count itself, for every queue in ``queue_noop.py``.

Each process counts in a file of its own, in the folder that ``BENCH_TALLY`` names: eight
bytes, written through a mapping, which costs no system call.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from pathlib import Path
from typing import Any

_NUMBER = struct.Struct("<q")


class Tally:
    """The count of this process; a process that was forked starts one of its own."""

    def __init__(self) -> None:
        self._pid = 0
        self._count = 0
        self._map: mmap.mmap | None = None
        self._changing = threading.Lock()

    def add(self, number: int = 1) -> None:
        """Count jobs."""
        with self._changing:
            if self._pid != os.getpid():
                self._open()
            self._count += number
            assert self._map is not None
            _NUMBER.pack_into(self._map, 0, self._count)

    def _open(self) -> None:
        self._pid, self._count = os.getpid(), 0
        path = Path(os.environ["BENCH_TALLY"]) / str(self._pid)
        path.write_bytes(_NUMBER.pack(0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _NUMBER.size)


_TALLY = Tally()


def count(*_: Any) -> None:
    """Do the job."""
    _TALLY.add()


async def count_soon(*_: Any, **__: Any) -> None:
    """Do the job, for queues whose jobs are coroutines."""
    _TALLY.add()


def add(number: int) -> None:
    """Count jobs that were done elsewhere."""
    _TALLY.add(number)


def total(folder: Path) -> int:
    """Return the number of jobs that all processes have done."""
    return sum(_NUMBER.unpack(data)[0] for data in _contents(folder))


def _contents(folder: Path) -> list[bytes]:
    found = [path.read_bytes() for path in folder.iterdir()]
    return [data for data in found if len(data) == _NUMBER.size]
