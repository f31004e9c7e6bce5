"""What a queue says of its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import QueueError
from imgflow.job import Failure, Job, Result
from imgflow.queue.failures import reported
from imgflow.queue.keyspace import CHUNK, Keyspace
from imgflow.queue.payload import unpack
from imgflow.queue.records import payload_of, read_result, read_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from imgflow.queue.entries import JobStatus

#: Failed jobs that are looked through for those that match a filter.
_MOST_FILTERED = 100_000


class Reports(Keyspace):
    """Status of jobs, one by one and in lists."""

    def status(self, ids: Sequence[str]) -> list[JobStatus | None]:
        """Return what is known of each job; None for one that is not known, or not any more."""
        entries = zip(ids, self.look(ids), strict=True)
        return [self._status(job_id, entry) if entry else None for job_id, entry in entries]

    def job(self, job_id: str) -> Job | None:
        """Return a job as it was queued."""
        (entry,) = self.look([job_id])
        if not entry:
            return None
        return unpack(self.shared_part(entry["recipe"].decode()), payload_of(entry))

    def results(self, ids: Sequence[str]) -> list[Result | None]:
        """Return what became of each job, None while nothing did."""
        found = []
        for job_id, entry in zip(ids, self.look(ids), strict=True):
            status = self._status(job_id, entry) if entry else None
            found.append(read_result(entry) or (_failed(status) if status else None))
        return found

    def failed(
        self, offset: int = 0, limit: int = 50, *, code: str = "", recipe: str = "", batch: str = ""
    ) -> list[JobStatus]:
        """Return dead letters, the newest first; ``code``, ``recipe`` and ``batch`` filter them."""

        def wanted(status: JobStatus) -> bool:
            return (
                status.status == "failed"
                and (not code or status.code == code)
                and (not recipe or status.recipe == recipe)
                and (not batch or status.batch == batch)
            )

        return self._page(self._dead(), wanted, offset, limit)

    def count_failed(self) -> int:
        """Return the number of dead letters."""
        with reported():
            return int(self.client.zcard(self.key("dead")))

    def running(self, limit: int = 50) -> list[JobStatus]:
        """Return jobs that are at work, the newest first."""
        return self._listed("inprogress", limit, ("processing",))

    def recent(self, limit: int = 20) -> list[JobStatus]:
        """Return jobs that were completed lately, the newest first."""
        return self._listed("recent", limit, ("completed",))

    def _status(self, job_id: str, entry: Mapping[str, bytes]) -> JobStatus:
        try:
            recipe = unpack(self.shared_part(entry["recipe"].decode()), payload_of(entry)).recipe
        except QueueError as error:
            if error.retryable:
                raise
            recipe = ""
        return read_status(job_id, entry, recipe)

    def _dead(self) -> Iterator[str]:
        """Yield the ids of dead letters, a chunk of them at a time."""
        for start in range(0, _MOST_FILTERED, CHUNK):
            with reported():
                ids = self.client.zrevrange(self.key("dead"), start, start + CHUNK - 1)
            yield from (job_id.decode() for job_id in ids)
            if len(ids) < CHUNK:
                return

    def _page(
        self, ids: Iterator[str], wanted: Callable[[JobStatus], bool], offset: int, limit: int
    ) -> list[JobStatus]:
        found: list[JobStatus] = []
        chunk: list[str] = []
        step = min(CHUNK, offset + limit)
        while len(found) < offset + limit:
            chunk = [job_id for _, job_id in zip(range(step), ids, strict=False)]
            if not chunk:
                break
            found += [status for status in self.status(chunk) if status and wanted(status)]
        return found[offset : offset + limit]

    def _listed(self, name: str, limit: int, states: tuple[str, ...]) -> list[JobStatus]:
        with reported():
            ids = self.client.lrange(self.key(name), 0, max(limit * 2, 50) - 1)
        unique = dict.fromkeys(job_id.decode() for job_id in ids)
        found = [status for status in self.status(list(unique)) if status]
        return [status for status in found if status.status in states][:limit]


def _failed(status: JobStatus) -> Result | None:
    """Return the result of a job that ended without one."""
    if status.status in ("queued", "processing"):
        return None
    message = status.error or f"{status.input}: the job was {status.status}"
    failure = Failure(code=status.code or status.status, message=message)
    return Result(status="failed", input=status.input, error=failure)
