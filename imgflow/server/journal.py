"""The log of the server: a line for each request."""

from __future__ import annotations

import logging
import re

from imgflow.worker.journal import JsonLines, LogFormat, TextLines

_LOGGER = logging.getLogger("imgflow.server")
_ID = re.compile(r"/jobs/([0-9a-f-]{36})(?:/|$)")
#: What a machine asks for every few seconds is not worth a line.
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})
_FAILED = 500


def set_up_logging(log_format: LogFormat) -> None:
    """Write on standard error: lines of words, or each as one object of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    for name in ("imgflow.server", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    _LOGGER.setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


class RequestLog:
    """Writes down requests; bodies, queries and headers stay out of it."""

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Write down a request that was answered."""
        if path in _QUIET and status < _FAILED:
            return
        fields = {
            "method": method,
            "path": path[:200],
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if match := _ID.match(path):
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
