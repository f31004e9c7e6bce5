"""Jobs: submit, look, retry, cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from imgflow.errors import QueueError
from imgflow.queue import FINAL
from imgflow.request import read_jobs
from imgflow.server.idempotency import once
from imgflow.server.links import add_links
from imgflow.server.problems import Refused
from imgflow.server.replies import reply_json, show_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.queue import JobStatus, Queue, Receipt
    from imgflow.server.desk import Call
    from imgflow.server.replies import Reply

#: Seconds until it is worth asking again for a job that is not done.
_ASK_AGAIN = {"Retry-After": "1"}
_PAGE, _LARGEST_PAGE, _LAST = 50, 500, 100_000
#: What can be queued again.
_AGAIN = ("failed", "cancelled", "expired")
_FILTERS = ("code", "recipe", "batch")


class RetryKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters to queue again: those listed, or all that the filters leave."""

    job_ids: tuple[str, ...] = ()
    all: bool = False
    code: str = ""
    recipe: str = ""
    batch: str = ""


def submit_jobs(call: Call) -> Reply:
    """Queue a job, or a list of them."""
    return once(call, _submit)


def show_job(call: Call) -> Reply:
    """Tell what is known of a job, with presigned URLs of its outputs if they are asked for."""
    status = find_job(call)
    headers = {} if status.status in FINAL else _ASK_AGAIN
    shown = add_links(call, status, show_status(status))
    return reply_json(HTTPStatus.OK, shown, headers)


def list_failed(call: Call) -> Reply:
    """List dead letters, the newest first."""
    limit = call.number("limit", _PAGE, _LARGEST_PAGE, 1)
    offset = call.number("offset", 0, _LAST)
    filters = {name: call.word(name) for name in _FILTERS}
    found = call.desk.queue.failed(offset, limit + 1, **filters)
    links = []
    if len(found) > limit:
        links.append(_link("next", offset + limit, limit, filters))
    if offset:
        links.append(_link("prev", max(0, offset - limit), limit, filters))
    headers = {"Link": ", ".join(links)} if links else {}
    return reply_json(HTTPStatus.OK, [show_status(one) for one in found[:limit]], headers)


def retry_job(call: Call) -> Reply:
    """Queue a job again that failed, was cancelled or expired."""
    find_job(call)
    (status,) = call.desk.queue.retry([call.params["id"]])
    headers = {"Location": call.path.removesuffix("/retry"), **_ASK_AGAIN}
    body = {"job_id": status.job_id, "status": status.status}
    return reply_json(HTTPStatus.ACCEPTED, body, headers)


def retry_jobs(call: Call) -> Reply:
    """Queue many dead letters again; ``refused`` are those of the list that cannot be."""
    keys = _retry_keys(call.body)
    ids = list(dict.fromkeys(keys.job_ids)) or _matching(call, keys)
    queue = call.desk.queue
    retried, refused = [], []
    for start in range(0, len(ids), _LARGEST_PAGE):
        chunk = ids[start : start + _LARGEST_PAGE]
        ended = _ended(queue, chunk)
        _retry(queue, ended)
        moved = set(ended) - set(_ended(queue, ended))
        retried += [job_id for job_id in chunk if job_id in moved]
        refused += [job_id for job_id in chunk if job_id not in moved]
    body = {"retried": len(retried), "job_ids": retried, "refused": refused}
    return reply_json(HTTPStatus.ACCEPTED, body)


def cancel_job(call: Call) -> Reply:
    """Cancel a job: at once if it waits, else when its worker next looks."""
    before = find_job(call)
    status = call.desk.queue.cancel(call.params["id"])
    if status is None:
        raise _unknown(call)
    if status.status == "cancelled":
        return reply_json(HTTPStatus.OK, show_status(status))
    if status.status in FINAL:
        message = f"{before.job_id}: expected a job that has not ended, found it {status.status}"
        raise QueueError(message, code="job-ended", retryable=False)
    return reply_json(HTTPStatus.ACCEPTED, show_status(status), _ASK_AGAIN)


def find_job(call: Call) -> JobStatus:
    """Return the status of the job that the path names; raises QueueError if there is none."""
    (status,) = call.desk.queue.status([call.params["id"]])
    if status is None:
        raise _unknown(call)
    return status


def show_receipt(receipt: Receipt) -> dict[str, Any]:
    """Return the answer to a submission; ``duplicate`` only if it is one."""
    shown: dict[str, Any] = {"job_id": receipt.job_id, "status": receipt.status}
    return {**shown, "duplicate": True} if receipt.duplicate else shown


def _submit(call: Call, new_id: Callable[[int], str]) -> Reply:
    desk = call.desk
    request = read_jobs(call.body, desk.permissions, new_id)
    desk.ceiling.check(len(request.submissions))
    receipts = [show_receipt(one) for one in desk.queue.submit(request.submissions)]
    if not request.single:
        return reply_json(HTTPStatus.ACCEPTED, receipts, _ASK_AGAIN)
    headers = {"Location": f"/jobs/{receipts[0]['job_id']}", **_ASK_AGAIN}
    return reply_json(HTTPStatus.ACCEPTED, receipts[0], headers)


def _retry_keys(body: bytes) -> RetryKeys:
    try:
        keys = msgspec.json.decode(body, type=RetryKeys)
    except msgspec.ValidationError as error:
        message = f"body: {error}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "request-invalid", message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"body: expected JSON, found: {error}"
        raise Refused(HTTPStatus.BAD_REQUEST, "not-json", message) from error
    if keys.all == bool(keys.job_ids) or (
        keys.job_ids and (keys.code or keys.recipe or keys.batch)
    ):
        message = "body: expected either job_ids, or all: true and perhaps code, recipe and batch"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "request-invalid", message)
    return keys


def _ended(queue: Queue, ids: list[str]) -> list[str]:
    """Return those of some jobs that could be queued again."""
    found = zip(ids, queue.status(ids), strict=True)
    return [job_id for job_id, status in found if status and status.status in _AGAIN]


def _retry(queue: Queue, ids: list[str]) -> None:
    """Queue again what can be: the reasons of the others are for those who ask for one job."""
    try:
        queue.retry(ids)
    except QueueError as error:
        if error.retryable:
            raise


def _matching(call: Call, keys: RetryKeys) -> list[str]:
    found = call.desk.queue.failed(0, _LAST, code=keys.code, recipe=keys.recipe, batch=keys.batch)
    return [status.job_id for status in found]


def _link(relation: str, offset: int, limit: int, filters: dict[str, str]) -> str:
    query = {
        "limit": limit,
        "offset": offset,
        **{key: filters[key] for key in filters if filters[key]},
    }
    return f'</jobs/failed?{urlencode(query)}>; rel="{relation}"'


def _unknown(call: Call) -> QueueError:
    message = f"{call.params['id'][:80]}: expected the id of a job, found none that is known"
    return QueueError(message, code="job-unknown", retryable=False)
