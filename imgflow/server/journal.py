"""The log of the server: a line for each request."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from imgflow import logs

if TYPE_CHECKING:
    from imgflow.logs import LogFormat

_LOGGER = logging.getLogger("imgflow.server")
_ID = re.compile(r"/jobs/([0-9a-f-]{36})(?:/|$)")
#: What a machine asks for every few seconds is not worth a line.
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})
_FAILED = 500


def set_up_logging(log_format: LogFormat) -> None:
    """Write on standard error: lines of words, or each as one object of JSON."""
    logs.set_up_logging(log_format)
    uvicorn = logging.getLogger("uvicorn.error")
    uvicorn.handlers = logging.getLogger("imgflow").handlers
    uvicorn.propagate = False
    uvicorn.setLevel(logging.WARNING)


class RequestLog:
    """Writes down requests; bodies, queries and headers stay out of it."""

    def request(
        self, method: str, path: str, status: int, seconds: float, *, made: str = ""
    ) -> None:
        """Write down a request that was answered; ``made`` is the path of what it made."""
        if path in _QUIET and status < _FAILED:
            return
        fields = {
            "method": method,
            "path": path[:200],
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if match := _ID.match(made or path):
            fields["job_id"] = match.group(1)
        level = logging.WARNING if status >= _FAILED else logging.INFO
        _LOGGER.log(level, "request", extra={"fields": fields})

    def bug(self, method: str, path: str, trace: str) -> None:
        """Write down a fault of ours."""
        fields = {"method": method, "path": path[:200], "traceback": trace}
        _LOGGER.error("bug", extra={"fields": fields})

    def note(self, event: str, **fields: object) -> None:
        """Write down what happens to the server itself."""
        _LOGGER.info(event, extra={"fields": fields})
