"""The body of a webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.queue.times import stamp

if TYPE_CHECKING:
    from imgflow.queue import Event, JobStatus


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """``type`` is ``job.completed``, ``job.failed``, ``job.cancelled`` or ``job.expired``.

    ``timestamp`` is when that was, in UTC, ISO 8601; ``data`` is the status of the job.
    """

    type: str
    timestamp: str
    data: dict[str, Any]


def write_message(event: Event, status: JobStatus | None) -> bytes:
    """Return the JSON that tells of an event.

    A job that has been retried since is in another state by now: then it is told which state
    it was in, and nothing that is not of that time.
    """
    data = {"job_id": event.job_id, "status": event.state}
    if status is not None and status.status == event.state:
        data = msgspec.to_builtins(status)
    message = Message(type=f"job.{event.state}", timestamp=stamp(event.at), data=data)
    return msgspec.json.encode(message)
