"""Batches: one recipe over many images."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import QueueError
from imgflow.request import read_batch
from imgflow.server.idempotency import once
from imgflow.server.replies import reply_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.queue import BatchStatus
    from imgflow.server.desk import Call
    from imgflow.server.replies import Reply

_ASK_AGAIN = {"Retry-After": "1"}


def submit_batch(call: Call) -> Reply:
    """Queue a batch: its jobs are counted, followed and cancelled together."""
    return once(call, _submit)


def show_batch(call: Call) -> Reply:
    """Tell how far a batch is."""
    status = _find(call)
    headers = {} if status.status == "completed" else _ASK_AGAIN
    return reply_json(HTTPStatus.OK, status, headers)


def cancel_batch(call: Call) -> Reply:
    """Cancel all jobs of a batch that are not done."""
    _find(call)
    call.desk.queue.cancel_batch(call.params["id"])
    return reply_json(HTTPStatus.OK, _find(call))


def _submit(call: Call, new_id: Callable[[int], str]) -> Reply:
    desk = call.desk
    submissions = read_batch(call.body, desk.permissions, new_id)
    desk.ceiling.check(len(submissions))
    batch_id = desk.queue.open_batch(submissions[0].job.recipe, new_id(-1))
    desk.queue.submit(msgspec.structs.replace(one, batch=batch_id) for one in submissions)
    desk.queue.seal_batch(batch_id)
    headers = {"Location": f"/batches/{batch_id}", **_ASK_AGAIN}
    return reply_json(HTTPStatus.ACCEPTED, desk.queue.batch(batch_id), headers)


def _find(call: Call) -> BatchStatus:
    status = call.desk.queue.batch(call.params["id"])
    if status is None:
        message = f"{call.params['id'][:80]}: expected the id of a batch, found none that is known"
        raise QueueError(message, code="batch-unknown", retryable=False)
    return status
