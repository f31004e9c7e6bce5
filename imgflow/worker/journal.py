"""What a worker writes down: events with fields, for people or for programs."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from imgflow.queue import Ticket

LogFormat = Literal["text", "json"]
_LOGGER = logging.getLogger("imgflow.worker")


def set_up_logging(log_format: LogFormat) -> None:
    """Write events on standard error: lines of words, or each as one object of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    _LOGGER.handlers = [handler]
    _LOGGER.propagate = False
    _LOGGER.setLevel(logging.INFO)


class Journal:
    """The events of one worker, whose name is in each of them."""

    def __init__(self, worker: str) -> None:
        """Take the name of the worker."""
        self._worker = worker

    def note(self, event: str, **fields: Any) -> None:  # noqa: ANN401
        """Write down what happens all the time."""
        self._write(logging.INFO, event, fields)

    def warn(self, event: str, **fields: Any) -> None:  # noqa: ANN401
        """Write down what somebody may want to look into."""
        self._write(logging.WARNING, event, fields)

    def fail(self, event: str, **fields: Any) -> None:  # noqa: ANN401
        """Write down what ends the worker, or costs work."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, Any]) -> None:
        if _LOGGER.isEnabledFor(level):
            _LOGGER.log(level, event, extra={"fields": {**fields, "worker": self._worker}})


def about(queue: str, ticket: Ticket) -> dict[str, Any]:
    """Return the fields that every event about a job has."""
    fields = {"job_id": ticket.id, "queue": queue, "run": ticket.run, "input": ticket.job.input}
    return {**fields, "batch": ticket.batch} if ticket.batch else fields


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
