"""Log lines of processes that run for long: events with fields, for people or for programs."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Literal

LogFormat = Literal["text", "json"]


def set_up_logging(log_format: LogFormat) -> None:
    """Write all events on standard error: lines of words, or each as one object of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logger = logging.getLogger("imgflow")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """One object a line, with ``ts`` (UTC, ISO 8601), ``level`` and ``event`` first."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for an event."""
        head = {"ts": _stamp(record), "level": record.levelname.lower()}
        fields = getattr(record, "fields", {})
        return json.dumps({**head, "event": record.getMessage(), **fields}, default=str)


class TextLines(logging.Formatter):
    """Time, level, event, then ``name=value``, in quotes if there are spaces in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for an event."""
        pairs = [f"{name}={_word(value)}" for name, value in getattr(record, "fields", {}).items()]
        return " ".join([_stamp(record), record.levelname, record.getMessage(), *pairs])


def _stamp(record: logging.LogRecord) -> str:
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _word(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and not set(text) & set(' "=')
    return text if plain and text else json.dumps(text)
