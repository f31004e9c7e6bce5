"""Run the application: uvicorn, bound to an address, until a signal comes."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from imgflow.errors import UsageError
from imgflow.server.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from imgflow.server.app import Service

#: Seconds for requests that are at work when a signal comes.
_GRACE = 10
_KEEP_ALIVE = 5
_BACKLOG = 1024
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """Return a socket at an address; raises UsageError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{host}:{port}: expected an address to listen at, found: {reason}"
        raise UsageError(message, code="port-in-use") from error


class Listener(uvicorn.Server):
    """Serves until SIGINT, SIGTERM or :meth:`stop`; then finishes what was begun.

    Streams are ended, and a signal is no failure. ``started`` is called once connections are
    accepted.
    """

    def __init__(
        self, service: Service, bound: socket.socket, started: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare to serve at a socket."""
        super().__init__(
            uvicorn.Config(
                service.app,
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._service = service
        self._bound = bound
        self._tell_started = started

    def listen(self) -> None:
        """Serve; returns when everything has ended."""
        with self._bound:
            self.run([self._bound])

    def stop(self) -> None:
        """Ask for the end; the second time, in a hurry."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        await super().startup(sockets)
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, or they would be waited for."""
        self._service.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, in the main thread, and go on as if there had been none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.stop()
