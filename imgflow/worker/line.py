"""The line to a queue: down or up, told once each time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgflow.errors import QueueError
    from imgflow.worker.journal import Journal

#: Seconds between two tries: the first, and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


class Line:
    """Knows since when a queue cannot be reached. Safe for threads."""

    def __init__(self, queue: str, journal: Journal) -> None:
        """Begin with a line that works."""
        self._queue = queue
        self._journal = journal
        self._down_since: float | None = None
        self._changing = threading.Lock()

    def failed(self, error: QueueError) -> None:
        """Note that a call failed; only the first of an outage is written down."""
        with self._changing:
            if self._down_since is not None:
                return
            self._down_since = time.monotonic()
        self._journal.warn("queue-down", queue=self._queue, code=error.code, error=error.message)

    def worked(self) -> None:
        """Note that a call went through."""
        with self._changing:
            if self._down_since is None:
                return
            seconds, self._down_since = time.monotonic() - self._down_since, None
        self._journal.note("queue-back", queue=self._queue, seconds=round(seconds, 3))


def pause_after(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(failures, 10)))
