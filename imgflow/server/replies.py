"""Replies as plain values: they can be kept, and sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from imgflow.queue import JobStatus

_JSON = "application/json"


class Reply(NamedTuple):
    """A status, a body, and the headers besides its type and length."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    media_type: str = _JSON

    def response(self) -> Response:
        """Return the reply as Starlette sends it."""
        from starlette.responses import Response

        return Response(self.body, self.status, dict(self.headers), self.media_type)


def reply_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:  # noqa: ANN401
    """Return a reply whose body is a value as JSON."""
    return Reply(status, msgspec.json.encode(value), dict(headers or {}))


def show_status(status: JobStatus) -> dict[str, Any]:
    """Return what is known of a job: ``retries``, and the error of one that failed, always."""
    shown: dict[str, Any] = msgspec.to_builtins(status)
    shown.setdefault("retries", 0)
    if status.status == "failed":
        shown.setdefault("error", "")
    return shown
