"""What the handlers of requests work with."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import QueueError
from imgflow.server.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.queue import Queue
    from imgflow.request import Permissions
    from imgflow.server.depot import Depot

#: Seconds for which a depth that was looked up is taken to hold.
_FRESH_SECONDS = 0.5
_SWITCH = {"0": False, "1": True}


class Ceiling:
    """The most jobs that may wait: roughly, for the depth is looked up twice a second."""

    def __init__(self, queue: Queue, most: int | None) -> None:
        """None is no ceiling."""
        self._queue = queue
        self._most = most
        self._lock = threading.Lock()
        self._depth = 0
        self._stale_at = 0.0

    def check(self, jobs: int) -> None:
        """Raise QueueError with code ``queue-busy`` if so many more are too many."""
        if self._most is None:
            return
        with self._lock:
            if time.monotonic() >= self._stale_at:
                stats = self._queue.stats()
                self._depth = sum(stats.depth.values()) + stats.delayed
                self._stale_at = time.monotonic() + _FRESH_SECONDS
            if self._depth + jobs > self._most:
                message = f"expected at most {self._most} waiting jobs, found {self._depth}"
                raise QueueError(f"{message}; try again later", code="queue-busy")
            self._depth += jobs


class Desk(NamedTuple):
    """The queue, who may ask it for what, and the buckets."""

    queue: Queue
    permissions: Permissions
    ceiling: Ceiling
    depot: Depot


class Call(NamedTuple):
    """One request: the parts of its path, its query, headers in lower case, its body.

    ``tenant`` tells the clients of different tokens apart.
    """

    desk: Desk
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    tenant: str

    def number(self, name: str, default: int, most: int, least: int = 0) -> int:
        """Return a whole number of the query; raises Refused for anything else."""
        text = self.query.get(name, str(default))
        plain = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not plain or not least <= int(text) <= most:
            message = f"{name}: expected a whole number from {least} to {most}, found '{text[:40]}'"
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-query", message)
        return int(text)

    def switch(self, name: str) -> bool:
        """Return whether the query asks for something; raises Refused for what is no answer."""
        text = self.query.get(name, "0")
        if text not in _SWITCH:
            message = f"{name}: expected 1 or 0, found '{text[:40]}'"
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-query", message)
        return _SWITCH[text]

    def word(self, name: str) -> str:
        """Return a word of the query, or ''."""
        return self.query.get(name, "")
