"""A queue under test: jobs to submit, workers that claim them, and time that passes on request."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

from queue_audit import audit, strings
from redis import Redis

from imgflow.job import Failure, Job, Output, Result, Written
from imgflow.queue import (
    BatchStatus,
    Claims,
    JobStatus,
    Outcome,
    Policy,
    Queue,
    Receipt,
    Submission,
    Ticket,
    connect,
)

if TYPE_CHECKING:
    pass

#: No lease lapses by itself here: time passes when a test says so.
PATIENT = Policy(lease=1000.0)
#: Fields of a job's entry that are moments.
_MOMENTS = ("c", "by", "start", "end", "due")


def a_job(name: str = "a.jpg", **changes: Any) -> Job:
    """Return a small job; every name is another source."""
    fields: dict[str, Any] = {
        "input": f"file:///photos/{name}",
        "outputs": (Output(path="out/{stem}.jpg"),),
        "steps": ({"op": "resize", "width": 800},),
    }
    return Job(**{**fields, **changes})


def a_submission(job: Job | str = "", **changes: Any) -> Submission:
    """Return a job to submit: a given one, or a small one; every name is another source."""
    job_id = changes.pop("id", "") or str(uuid.uuid4())
    found = job if isinstance(job, Job) else a_job(job or f"{job_id}.jpg")
    return Submission(job=found, id=job_id, **changes)


def done(ticket: Ticket) -> Outcome:
    """Return the outcome of a run that made its file."""
    made = Written(path="out/a.jpg", format="jpeg", width=800, height=600, bytes=1234)
    result = Result(status="completed", input=ticket.job.input, outputs=(made,), seconds=0.5)
    return Outcome(ticket=ticket, result=result)


def failed(
    ticket: Ticket,
    code: str = "storage-failed",
    message: str = "the store is away",
    *,
    retryable: bool = True,
    killed: bool = False,
) -> Outcome:
    """Return the outcome of a run that failed."""
    error = Failure(code=code, message=message, retryable=retryable)
    result = Result(status="failed", input=ticket.job.input, error=error)
    return Outcome(ticket=ticket, result=result, killed=killed)


def permanent(ticket: Ticket) -> Outcome:
    """Return the outcome of a run whose error cannot get better."""
    return failed(ticket, "source-invalid", "no image", retryable=False)


def crashed(ticket: Ticket) -> Outcome:
    """Return the outcome of a run that took its process with it."""
    return failed(ticket, "worker-crashed", "signal 11", retryable=False, killed=True)


def stopped(ticket: Ticket) -> Outcome:
    """Return the outcome of a run that was asked to stop."""
    return Outcome(ticket=ticket, result=failed(ticket, "job-cancelled").result, cancelled=True)


class Bench:
    """A queue, a client that looks behind it, and its clock."""

    def __init__(self, url: str, policy: Policy = PATIENT, name: str = "default") -> None:
        self.url = url
        self.raw: Any = Redis.from_url(url)
        self._clients: list[Any] = []
        self.queue = self.another(policy, name)

    def another(self, policy: Policy = PATIENT, name: str = "default", **options: Any) -> Queue:
        """Return a queue on a connection of its own."""
        client = connect(self.url)
        self._clients.append(client)
        return Queue(client, name, policy, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in [*self._clients, self.raw]:
            client.close()

    def worker(self, name: str = "one", queue: Queue | None = None) -> Claims:
        return Claims(queue or self.queue, name, 2)

    def submit(self, *names: str, **changes: Any) -> list[str]:
        """Submit jobs and return their ids, one for no name."""
        receipts = self.receipts(*[a_submission(name, **changes) for name in names or ("",)])
        return [receipt.job_id for receipt in receipts]

    def receipts(self, *submissions: Submission) -> list[Receipt]:
        return self.queue.submit(submissions)

    def status(self, job_id: str) -> JobStatus:
        (status,) = self.queue.status([job_id])
        assert status is not None
        return status

    def batch(self, batch_id: str) -> BatchStatus:
        status = self.queue.batch(batch_id)
        assert status is not None
        return status

    def counts(self) -> dict[str, int]:
        """Return the totals that are not zero."""
        return {name: value for name, value in self.queue.stats().counts.items() if value}

    def entry(self, job_id: str) -> dict[str, str]:
        """Return a job as it is stored."""
        return strings(self.raw.hgetall(self.queue.key("job:" + job_id)))

    def now(self) -> int:
        """Return the server's time in milliseconds."""
        seconds, micros = self.raw.time()
        return int(seconds) * 1000 + int(micros) // 1000

    def run(self, outcome: Any = done, most: int = 1, worker: Claims | None = None) -> list[str]:
        """Claim jobs and end them, all in one way; returns their ids."""
        worker = worker or self.worker()
        tickets = worker.take(most)
        assert all(worker.settle([outcome(ticket) for ticket in tickets]))
        return [ticket.id for ticket in tickets]

    def drain(self, outcome: Any = done) -> list[str]:
        """Run jobs until none is left to start."""
        ids: list[str] = []
        while found := self.run(outcome, 50):
            ids += found
        return ids

    def pass_time(self, seconds: float) -> None:
        """Let time pass: all moments that the server keeps are that much longer ago."""
        shift_time(self.raw, self.queue.root, round(seconds * 1000))

    def audit(self) -> None:
        audit(self.raw, self.queue.root)


def shift_time(raw: Any, root: str, by: int) -> None:
    """Move everything that is stored ``by`` milliseconds into the past, expiries included."""
    keys = list(raw.scan_iter(match=_literal(root) + "*", count=1000))
    with raw.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.pttl(key)
        left = dict(zip(keys, pipeline.execute(), strict=True))
    with raw.pipeline() as pipeline:
        for key in keys:
            if left[key] > 0:
                pipeline.pexpire(key, max(0, left[key] - by))
            if not 0 < left[key] <= by:
                _shift_values(raw, pipeline, key, key.decode().removeprefix(root), by)
        pipeline.execute()


def _shift_values(raw: Any, pipeline: Any, key: bytes, name: str, by: int) -> None:
    if name.startswith("job:"):
        for field, moment in strings(raw.hgetall(key)).items():
            if field in _MOMENTS:
                pipeline.hset(key, field, int(moment) - by)
    elif name.startswith("batch:") and name.count(":") == 1:
        pipeline.hincrby(key, "created", -by)
    elif name in ("leases", "delayed", "dead", "events", "workers"):
        for member, score in raw.zrange(key, 0, -1, withscores=True):
            pipeline.zadd(key, {member: score - by})
    elif name == "tended":
        pipeline.set(key, int(raw.get(key)) - by, keepttl=True)


def _literal(pattern: str) -> str:
    return "".join(f"\\{sign}" if sign in "[]{}*?^\\" else sign for sign in pattern)


def reap(bench: Bench) -> None:
    """Let all leases lapse, and have that noticed."""
    bench.queue.tend()
    bench.pass_time(600)
    bench.queue.tend()
    bench.pass_time(600)
    bench.queue.tend()
