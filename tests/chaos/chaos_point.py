"""A point on a worker's way at which somebody dies, once."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

#: The point, as ``after settle``, and a file that is made when it was reached.
_POINT, _MARK = "CHAOS_POINT", "CHAOS_MARK"


class Point:
    """A place in the program by its name, and a mark that it was reached."""

    def __init__(self, name: str, mark: str) -> None:
        self.name, self._mark = name, mark

    def strike(self, name: str, *pids: int) -> None:
        """Kill processes if this is the point, and nobody was here before."""
        if name != self.name:
            return
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._mark, os.O_CREAT | os.O_EXCL))
            for pid in pids:
                os.kill(pid, signal.SIGKILL)


def here() -> Point | None:
    """Return the point that this process was told of."""
    name = os.environ.get(_POINT)
    return Point(name, os.environ[_MARK]) if name else None


def told(name: str, mark: Path) -> dict[str, str]:
    """Return the environment that tells a worker of a point."""
    return {_POINT: name, _MARK: str(mark)}
