"""Connections of slow or many clients: uvicorn alone would wait for them for ever."""

from __future__ import annotations

import resource
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from imgflow.server.problems import Refused, explain

if TYPE_CHECKING:
    import asyncio

    from imgflow.server.replies import Reply

#: Seconds in which the head of a request must be there, and in which some of a reply must leave.
HEAD_SECONDS = 10.0
WRITE_SECONDS = 30.0
_MOST = 2_000
#: Files that are open besides connections: those of threads, pools and logs.
_SPARE_FILES = 100


def most_connections() -> int:
    """Return how many connections to hold at once, as far as there are file descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST
    return max(16, min(_MOST, soft - _SPARE_FILES))


class Connection(H11Protocol):
    """A connection that must send the head of each request soon; there are only so many."""

    _deadline: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _most = most_connections()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection, or refuse it."""
        super().connection_made(transport)
        if len(self.connections) > self._most:
            message = "The server has too many connections; try again later."
            self._turn_away(
                Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-connections", message)
            )
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        self._cancel(self._deadline)
        self._cancel(self._stall)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came in; the deadline holds until a whole head is there."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._cancel(self._deadline)

    def pause_writing(self) -> None:
        """Give a client that does not read its reply some time, and no more."""
        super().pause_writing()
        self._stall = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        self._cancel(self._stall)
        super().resume_writing()

    def on_response_complete(self) -> None:
        """Wait for the next request, which may take as long as the first."""
        self._expect_head()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Tell of a request that is no HTTP in the way of all other errors."""
        self._turn_away(Refused(HTTPStatus.BAD_REQUEST, "bad-request", msg))

    def _expect_head(self) -> None:
        self._cancel(self._deadline)
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            message = f"expected the head of a request within {HEAD_SECONDS:.0f} seconds"
            self._turn_away(Refused(HTTPStatus.REQUEST_TIMEOUT, "too-slow", message))

    def _turn_away(self, refusal: Refused) -> None:
        self.transport.write(_raw(explain(refusal)))
        self.transport.close()

    def _cancel(self, handle: asyncio.TimerHandle | None) -> None:
        if handle is not None:
            handle.cancel()


def _raw(reply: Reply) -> bytes:
    """Return a reply as it goes over the line when there is no request to answer."""
    headers = {
        **reply.headers,
        "Content-Type": reply.media_type,
        "Content-Length": str(len(reply.body)),
        "Connection": "close",
    }
    status = HTTPStatus(reply.status)
    lines = [f"HTTP/1.1 {int(status)} {status.phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body
