"""Follow a batch: the result of each of its jobs, as they end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgflow.errors import QueueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Result
    from imgflow.queue.entries import BatchStatus
    from imgflow.queue.queue import Queue

#: Seconds between two looks.
_PAUSE = 0.2
#: Seconds that the server may be away before we give up.
_PATIENCE = 120.0


def follow(queue: Queue, batch_id: str) -> Iterator[Result]:
    """Yield results until all jobs of a sealed batch have ended.

    That includes the older jobs that answer for some of its submissions. A server that is away
    is waited for; raises QueueError if it does not come back in two minutes, and if the
    batch is not known.
    """
    seen: set[str] = set()
    waiting = queue.batch_duplicates(batch_id)
    at, away_since = 0, 0.0
    while True:
        try:
            batch = _known(queue, batch_id)
            ended = queue.batch_ended(batch_id, at)
            results = queue.results([*ended, *waiting])
            away_since = 0.0
        except QueueError as error:
            now = time.monotonic()
            away_since = away_since or now
            if not error.retryable or now - away_since > _PATIENCE:
                raise
            time.sleep(_PAUSE)
            continue
        at += len(ended)
        for job_id, result in zip([*ended, *waiting], results, strict=True):
            if result is not None and job_id not in seen:
                seen.add(job_id)
                yield result
        waiting = [job_id for job_id in waiting if job_id not in seen]
        if not ended and not waiting and batch.status == "completed":
            return
        if not ended:
            time.sleep(_PAUSE)


def _known(queue: Queue, batch_id: str) -> BatchStatus:
    batch = queue.batch(batch_id)
    if batch is None:
        message = f"{batch_id}: expected a batch of this queue, found none"
        raise QueueError(message, code="batch-unknown", retryable=False)
    return batch
