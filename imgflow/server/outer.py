"""Around everything: headers that keep browsers safe, a line in the log, and no traceback."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

from imgflow.server.problems import explain_bug

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from imgflow.server.journal import RequestLog

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_FRESH = (b"cache-control", b"no-store")


class Outer:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        """Keep the log."""
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a fault of ours becomes a problem without its details."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, place = 0, scope["path"]

        async def send_safely(message: Message) -> None:
            nonlocal status, place
            if message["type"] == "http.response.start":
                status = message["status"]
                place = dict(message["headers"]).get(b"location", place.encode()).decode()
                message["headers"] = _guarded(message["headers"])
            await send(message)

        scope.setdefault("state", {})
        try:
            await self._app(scope, receive, send_safely)
        except Exception:  # noqa: BLE001 - told as the bug it is
            self._log.bug(scope["method"], scope["path"], traceback.format_exc())
            if not status:
                await explain_bug(scope["path"]).response()(scope, receive, send_safely)
        seconds = time.perf_counter() - started
        self._log.request(scope["method"], scope["path"], status, seconds, made=place)


def _guarded(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers with those that are missing."""
    names = {name for name, _ in headers}
    return [*headers, *(pair for pair in (*_HEADERS, _POLICY, _FRESH) if pair[0] not in names)]
