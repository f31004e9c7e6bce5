"""What can be done to jobs: retry, cancel, follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.batch import Batch
from imgflow.cli.job_tables import unknown
from imgflow.cli.printing import print_json, print_line
from imgflow.cli.queueing import open_queue, repeated
from imgflow.cli.submitting import Sent
from imgflow.errors import QueueError, UsageError
from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgflow.queue import Queue

_CHUNK = 500


def retry_jobs(
    queue: Queue,
    ids: Sequence[str],
    filters: Mapping[str, str],
    *,
    everything: bool,
    as_json: bool,
) -> int:
    """Queue failed jobs again: those named, or all that the filters take."""
    if bool(ids) == (everything or any(filters.values())):
        message = "expected ids of jobs, or --all, or a filter (--code, --recipe, --batch)"
        raise UsageError(message)
    if ids:
        queue.retry(ids)
        count = len(ids)
    else:
        count = _retry_found(queue, filters)
    if as_json:
        print_json({"retried": count})
    else:
        print_line(f"queued {count_text(count, 'job')} again")
    return exits.OK


def cancel_jobs(queue: Queue, ids: Sequence[str], batch: str, *, as_json: bool) -> int:
    """Cancel jobs, or all of a batch."""
    if bool(ids) == bool(batch):
        message = "expected ids of jobs, or --batch with the id of one"
        raise UsageError(message)
    for job_id, status in zip(ids, queue.status(ids), strict=True):
        if status is None:
            raise unknown(job_id)
    count = queue.cancel_all(ids) if ids else queue.cancel_batch(batch)
    if as_json:
        print_json({"cancelled": count})
    else:
        print_line(f"cancelled {count_text(count, 'job')}")
    return exits.OK


def watch_batch(name: str | None, batch_id: str, *, as_json: bool, quiet: bool) -> int:
    """Follow a batch to its end; raises QueueError if it is not known."""
    queue = open_queue(name)
    status = queue.batch(batch_id)
    if status is None:
        message = f"{batch_id}: expected a batch of this queue, found none"
        raise QueueError(message, code="batch-unknown", retryable=False)
    sent = Sent(queue, repeated(name), batch_id, status.total)
    batch = Batch(status.total, status.recipe, [])
    return sent.watch(batch, as_json=as_json, quiet=quiet, fail_fast=False)


def _retry_found(queue: Queue, filters: Mapping[str, str]) -> int:
    """Retry all that match, newest first; one that a newer job does already stays where it is."""
    count, passed = 0, 0
    while found := queue.failed(passed, _CHUNK, **filters):
        for status in found:
            try:
                queue.retry([status.job_id])
                count += 1
            except QueueError as error:
                if error.retryable:
                    raise
                passed += 1
    return count
