"""A deadline for all that is done over one connection, however slowly it drips."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Deadline:
    """Cuts the socket it watches when the time is up: whoever waits for it wakes up."""

    def __init__(self, seconds: float) -> None:
        """Start the clock."""
        self.seconds = seconds
        self.passed = False
        self._end = time.monotonic() + seconds
        self._watched: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds until the time is up; never less than a moment, so that it fits a time-out."""
        return max(self._end - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Watch a socket in place of the one before."""
        with self._lock:
            self._watched = connection
        if self.passed:
            self._shut()

    def lift(self) -> None:
        """Stop the clock, for good."""
        self._timer.cancel()

    def _cut(self) -> None:
        self.passed = True
        self._shut()

    def _shut(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._watched:
                # Not the method of an SSLSocket: that would pull the session from under a reader.
                socket.socket.shutdown(self._watched, socket.SHUT_RDWR)
