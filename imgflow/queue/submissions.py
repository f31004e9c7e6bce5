"""Putting jobs into a queue, taking them back, and putting them in once more."""

from __future__ import annotations

import itertools
import re
import uuid
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import QueueError
from imgflow.queue.entries import JobStatus, Receipt, Submission
from imgflow.queue.keyspace import CHUNK
from imgflow.queue.payload import fingerprint, pack
from imgflow.queue.records import LETTERS, STATES
from imgflow.queue.reports import Reports
from imgflow.queue.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


#: What may stand between spaces and colons; a UUID is meant.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class _Refusal(NamedTuple):
    code: str
    message: str


_REFUSALS = {
    "unknown": _Refusal("job-unknown", "expected a job of this queue, found none"),
    "live": _Refusal("job-not-failed", "expected a failed, cancelled or expired job"),
    "same": _Refusal("job-duplicate", "another job that does the same is queued, or was done"),
    "recipe": _Refusal("recipe-lost", "expected its recipe in the queue, found it gone"),
}


class Submissions(Reports):
    """Submit, cancel and retry."""

    def submit(self, submissions: Iterable[Submission]) -> list[Receipt]:
        """Queue jobs, a few hundred in each atomic step; safe to repeat with the same ids.

        Raises RecipeError if a job is not valid (then none of its chunk is queued), and
        QueueError if the server is full or away. What was queued by then stays queued.
        """
        receipts = []
        for batch, group in itertools.groupby(submissions, key=lambda each: each.batch):
            while chunk := list(itertools.islice(group, CHUNK)):
                receipts += self._submit(batch, chunk)
        return receipts

    def cancel(self, job_id: str) -> JobStatus | None:
        """Cancel a job: at once if it waits, else as soon as its worker hears of it."""
        self.scripts.run("cancel", *self.kept, job_id)
        return self.status([job_id])[0]

    def cancel_all(self, ids: Sequence[str]) -> int:
        """Cancel many jobs; returns how many were or will be."""
        chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
        return sum(self.scripts.run("cancel", *self.kept, *chunk) for chunk in chunks)

    def retry(self, ids: Sequence[str]) -> list[JobStatus]:
        """Queue jobs again that failed, were cancelled or expired, with all their retries.

        Raises QueueError, of the first that cannot be, once all others are queued.
        """
        refused: QueueError | None = None
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            token = uuid.uuid4().hex
            replies = self.scripts.run("redrive", token, milliseconds(self.policy.ttl), *chunk)
            for job_id, reply in zip(chunk, replies, strict=True):
                if refusal := _REFUSALS.get(reply.decode()):
                    message = f"{job_id}: {refusal.message}"
                    error = QueueError(message, code=refusal.code, retryable=False)
                    refused = refused or error
        if refused:
            raise refused
        return [status for status in self.status(ids) if status]

    def _submit(self, batch: str, chunk: list[Submission]) -> list[Receipt]:
        recipes: dict[str, bytes] = {}
        words: list[str | bytes | int] = []
        for each in chunk:
            if not _ID.fullmatch(each.id):
                message = f"expected an id of letters, digits, - and _, found {each.id!r}"
                raise QueueError(message, code="bad-job-id", retryable=False)
            packed = pack(each.job)
            recipes[packed.digest] = packed.shared
            seconds = self.policy.ttl if each.ttl is None else each.ttl
            same = fingerprint(each.job, packed.shared, each.version) if _unique(each) else ""
            window = "" if each.dedupe_window is None else milliseconds(each.dedupe_window)
            words += (each.id, LETTERS[each.priority], milliseconds(seconds), packed.digest)
            words += (packed.own, same, window, each.webhook)
        texts = [part for pair in recipes.items() for part in pair]
        reply = self.scripts.run(
            "enqueue", batch, *self.kept, len(recipes), *texts, *words, durable=True
        )
        if reply is None:
            message = f"{batch}: expected an open batch of this queue, found none"
            raise QueueError(message, code="batch-unknown", retryable=False)
        threes = zip(reply[::3], reply[1::3], reply[2::3], strict=True)
        return [
            Receipt(job_id=job_id.decode(), status=STATES[state.decode()], duplicate=bool(same))
            for job_id, state, same in threes
        ]


def _unique(submission: Submission) -> bool:
    return submission.dedupe and not submission.job.force
