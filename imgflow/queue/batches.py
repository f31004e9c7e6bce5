"""Batches: many jobs that are counted, followed and cancelled together."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Literal

from imgflow.queue.entries import BatchStatus
from imgflow.queue.failures import reported
from imgflow.queue.keyspace import CHUNK
from imgflow.queue.submissions import Submissions
from imgflow.queue.times import milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    Status = Literal["open", "processing", "completed"]

#: Seconds after which a batch that was never sealed is forgotten; its jobs are not.
_OPEN_SECONDS = 3600


class Batches(Submissions):
    """Open a batch, submit jobs with its id, seal it."""

    def open_batch(self, recipe: str = "", batch_id: str = "") -> str:
        """Begin a batch, or go on with it; returns its id. ``recipe`` is a name to show."""
        batch_id = batch_id or str(uuid.uuid4())
        self.scripts.run("open_batch", batch_id, recipe, milliseconds(_OPEN_SECONDS))
        return batch_id

    def seal_batch(self, batch_id: str) -> bool:
        """Say that all jobs are submitted; False if the batch is not known."""
        keep = max(self.policy.results_ttl, self.policy.dead_ttl)
        return bool(self.scripts.run("seal", batch_id, milliseconds(keep)))

    def batch(self, batch_id: str) -> BatchStatus | None:
        """Return the counts of a batch."""
        with reported():
            found = self.client.hgetall(self.key("batch:" + batch_id))
        fields = {name.decode(): value for name, value in found.items()}
        return _read(batch_id, fields) if fields else None

    def batch_ended(self, batch_id: str, start: int, limit: int = 500) -> list[str]:
        """Return the ids of jobs in the order in which they ended, from the ``start``-th on."""
        return self._ids(f"batch:{batch_id}:ended", start, limit)

    def batch_jobs(self, batch_id: str, start: int = 0, limit: int = 500) -> list[str]:
        """Return the ids of the jobs of a batch, in the order of their submission."""
        return self._ids(f"batch:{batch_id}:jobs", start, limit)

    def batch_duplicates(self, batch_id: str) -> list[str]:
        """Return the ids of the older jobs that answer for some submissions of a batch."""
        with reported():
            found = self.client.hvals(self.key(f"batch:{batch_id}:same"))
        return list(dict.fromkeys(job_id.decode() for job_id in found))

    def cancel_batch(self, batch_id: str) -> int:
        """Cancel all jobs of a batch that are not done; returns how many."""
        return sum(self.cancel_all(ids) for ids in self._chunks(batch_id))

    def _chunks(self, batch_id: str) -> Iterator[list[str]]:
        start = 0
        while ids := self.batch_jobs(batch_id, start, CHUNK):
            yield ids
            start += len(ids)

    def _ids(self, name: str, start: int, limit: int) -> list[str]:
        with reported():
            ids = self.client.lrange(self.key(name), start, start + limit - 1)
        return [job_id.decode() for job_id in ids]


def _read(batch_id: str, fields: dict[str, bytes]) -> BatchStatus:
    total, same, *ended = (int(fields.get(name, 0)) for name in ("total", "same", *"cfxe"))
    pending = total - same - sum(ended)
    status: Status = "open"
    if "sealed" in fields:
        status = "processing" if pending else "completed"
    completed, failed, cancelled, expired = ended
    return BatchStatus(
        batch_id=batch_id,
        status=status,
        total=total,
        pending=pending,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        expired=expired,
        duplicates=same,
        progress=100 * (total - pending) // total if total else 100,
        created_at=stamp(fields["created"].decode()),
        recipe=fields.get("recipe", b"").decode(),
    )
