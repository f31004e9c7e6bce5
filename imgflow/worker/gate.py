"""How many jobs a worker takes in, and whose turn it is."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Gate:
    """Lets jobs in while there is room: those who wait for it get it in turn."""

    def __init__(self, limit: Callable[[], int]) -> None:
        """Ask ``limit``, each time, how many may be inside together."""
        self._limit = limit
        self._inside = 0
        self._closed = False
        self._line: deque[object] = deque()
        self._changed = threading.Condition()

    def enter(self) -> int:
        """Wait for one's turn and for room, take all there is, and return how much; 0: closed."""
        me = object()
        with self._changed:
            self._line.append(me)
            self._changed.wait_for(
                lambda: self._closed or (self._line[0] is me and self._room() > 0)
            )
            self._line.remove(me)
            self._changed.notify_all()
            if self._closed:
                return 0
            taken = self._room()
            self._inside += taken
            return taken

    def leave(self, count: int = 1) -> None:
        """Make room."""
        with self._changed:
            self._inside -= count
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _room(self) -> int:
        return self._limit() - self._inside
