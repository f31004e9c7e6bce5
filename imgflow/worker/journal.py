"""What a worker writes down."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgflow.queue import Ticket

_LOGGER = logging.getLogger("imgflow.worker")


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
