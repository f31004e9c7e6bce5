"""Whether the server can do its work, and how the queue is."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from imgflow.server.metrics import MEDIA_TYPE, render_metrics
from imgflow.server.replies import Reply, reply_json

if TYPE_CHECKING:
    from imgflow.server.desk import Call


def tell_ready(call: Call) -> Reply:
    """Tell whether jobs can be accepted: the queue answers."""
    call.desk.queue.count_failed()
    return reply_json(HTTPStatus.OK, {"status": "ready"})


def show_metrics(call: Call) -> Reply:
    """Return the figures of the queue for Prometheus."""
    text = render_metrics(call.desk.queue.stats())
    return Reply(HTTPStatus.OK, text.encode(), {}, MEDIA_TYPE)
