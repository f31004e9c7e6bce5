"""What a queue is meant to do, in plain Python: no server, and no clock but its own."""

from __future__ import annotations

import dataclasses
from collections import Counter

LEASE, TTL, WINDOW = 4850, 10_500, 2_500
DELAYS = (1_500, 3_500)
KILLS, LOSSES = 1, 1
RESULTS, DEAD, OPEN = 20_500, 30_500, 3_600
NAMES = {"c": "completed", "f": "failed", "x": "cancelled", "e": "expired"}


@dataclasses.dataclass(eq=False)
class ModelJob:
    """One job; moments are in seconds of the model's time."""

    dd: str
    priority: str
    batch: ModelBatch | None
    by: int | None
    state: str = "q"
    run: int = 0
    retries: int = 0
    kills: int = 0
    losses: int = 0
    progress: int = 0
    cancel: bool = False
    settled: int = 0
    moment: int = 0  # of the lease's end, of the retry, or of oblivion


@dataclasses.dataclass(eq=False)
class ModelBatch:
    """The counts of a batch, and when it is forgotten."""

    expiry: int | None
    sealed: bool = False
    total: int = 0
    same: set[str] = dataclasses.field(default_factory=set)
    ends: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def over(self) -> bool:
        return self.sealed and self.total == len(self.same) + self.ends.total()


class Model:
    """The queue."""

    def __init__(self) -> None:
        self.now = 0
        self.jobs: dict[str, ModelJob] = {}
        self.holders: dict[str, tuple[str, int | None]] = {}
        self.batches: dict[str, ModelBatch] = {}
        self.counts: Counter[str] = Counter()
        self._tended: int | None = None
        self._grace = 0

    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        for job_id in [i for i, job in self.jobs.items() if job.state in NAMES]:
            if self.jobs[job_id].moment <= self.now:
                del self.jobs[job_id]
        for dd, (_, expiry) in list(self.holders.items()):
            if expiry is not None and expiry <= self.now:
                del self.holders[dd]
        for name, batch in list(self.batches.items()):
            if batch.expiry is not None and batch.expiry <= self.now:
                del self.batches[name]

    def overdue(self, job: ModelJob) -> bool:
        return job.state == "q" and job.by is not None and job.by < self.now

    def submit(self, job_id: str, dd: str, priority: str, batch: str) -> str | None:
        """Return the id that answers; None if the batch is not known."""
        if batch and batch not in self.batches:
            return None
        answer = job_id
        holder = self.jobs.get(self.holders.get(dd, ("", 0))[0])
        if job_id not in self.jobs:
            if holder and not self.overdue(holder) and not holder.cancel:
                answer = self.holders[dd][0]
            if holder and self.overdue(holder):
                self.finish(self.holders[dd][0], "e")
            if answer == job_id:
                self._enter(job_id, dd, priority, batch)
        if batch:
            self._count(job_id, self.batches[batch])
        return answer

    def _enter(self, job_id: str, dd: str, priority: str, batch: str) -> None:
        found = self.batches.get(batch)
        self.jobs[job_id] = ModelJob(dd, priority, found, self.now + TTL)
        self.counts["submitted"] += 1
        if dd:
            self.holders[dd] = (job_id, None)
        if found:
            found.total += job_id not in found.same
            found.same.discard(job_id)

    def _count(self, job_id: str, batch: ModelBatch) -> None:
        job = self.jobs.get(job_id)
        if (job is None or job.batch is not batch) and job_id not in batch.same:
            batch.same.add(job_id)
            batch.total += 1
        batch.expiry = None if batch.sealed else self.now + OPEN
        self._close(batch)

    def claimable(self) -> set[str]:
        """Return who may be claimed, once due retries are back in their lists."""
        for job in self.jobs.values():
            if job.state == "d" and job.moment <= self.now:
                job.state = "q"
        return {i for i, job in self.jobs.items() if job.state == "q" and not self.overdue(job)}

    def claim(self, job_id: str) -> int:
        job = self.jobs[job_id]
        job.state, job.by, job.run, job.moment = "p", None, job.run + 1, self.now + LEASE
        return job.run

    def holds(self, job_id: str, run: int) -> bool:
        job = self.jobs.get(job_id)
        return job is not None and job.state == "p" and job.run == run

    def beat(self, job_id: str, run: int, progress: int) -> str | None:
        if not self.holds(job_id, run):
            return "lost"
        job = self.jobs[job_id]
        job.moment, job.progress = self.now + LEASE, max(job.progress, progress)
        return "cancelled" if job.cancel else None

    def settle(self, job_id: str, run: int, kind: str) -> bool:
        if not self.holds(job_id, run):
            return job_id in self.jobs and self.jobs[job_id].settled == run
        job = self.jobs[job_id]
        job.settled = run
        if kind == "ok":
            job.progress = 100
            self.finish(job_id, "c")
        elif kind == "cancelled" or job.cancel:
            self.finish(job_id, "x")
        elif kind == "error" and job.retries < len(DELAYS):
            job.retries += 1
            self._delay(job, job.retries)
        elif kind == "kill":
            self.counts["killed"] += 1
            job.kills += 1
            if job.kills <= KILLS:
                self._delay(job, job.kills)
            else:
                self.finish(job_id, "f")
        else:
            self.finish(job_id, "f")
        return True

    def _delay(self, job: ModelJob, number: int) -> None:
        job.state, job.moment = "d", self.now + DELAYS[number - 1]
        self.counts["retried"] += 1

    def release(self, job_id: str, run: int) -> None:
        if self.holds(job_id, run):
            if self.jobs[job_id].cancel:
                self.finish(job_id, "x")
            else:
                self.jobs[job_id].state = "q"

    def cancel(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job and job.state in "qd":
            self.finish(job_id, "x")
        elif job and job.state == "p":
            job.cancel = True

    def redrive(self, job_id: str) -> str:
        job = self.jobs.get(job_id)
        if job is None:
            return "job-unknown"
        if job.state not in "fxe":
            return "job-not-failed"
        holder = self.holders.get(job.dd, (job_id, None))[0]
        if holder != job_id and holder in self.jobs:
            return "job-duplicate"
        if job.dd:
            self.holders[job.dd] = (job_id, None)
        if job.batch:
            job.batch.ends[job.state] -= 1
            job.batch.expiry = None if job.batch.sealed else job.batch.expiry
        job.state, job.by = "q", self.now + TTL
        job.retries = job.kills = job.losses = job.progress = job.settled = 0
        self.counts["redriven"] += 1
        return ""

    def tend(self) -> None:
        self.claimable()
        if self._tended is None or self.now - self._tended > LEASE * 2 / 3:
            self._grace = self.now + LEASE // 2
        self._tended = self.now
        if self._grace > self.now:
            return
        for job_id, job in self.jobs.items():
            if job.state == "p" and job.moment < self.now:
                self._lose(job_id, job)

    def _lose(self, job_id: str, job: ModelJob) -> None:
        self.counts["lost"] += 1
        if job.cancel:
            self.finish(job_id, "x")
            return
        job.losses += 1
        if job.losses > LOSSES:
            self.finish(job_id, "f")
        else:
            job.state = "q"

    def open_batch(self, name: str) -> None:
        self.batches.setdefault(name, ModelBatch(self.now + OPEN))

    def seal(self, name: str) -> bool:
        if name not in self.batches:
            return False
        self.batches[name].sealed, self.batches[name].expiry = True, None
        self._close(self.batches[name])
        return True

    def finish(self, job_id: str, state: str) -> None:
        job = self.jobs[job_id]
        job.state, job.cancel, job.by = state, False, None
        job.moment = self.now + (DEAD if state == "f" else RESULTS)
        self.counts[NAMES[state]] += 1
        if self.holders.get(job.dd, ("", None))[0] == job_id:
            del self.holders[job.dd]
            if state == "c":
                self.holders[job.dd] = (job_id, self.now + WINDOW)
        if job.batch:
            job.batch.ends[state] += 1
            self._close(job.batch)

    def _close(self, batch: ModelBatch) -> None:
        if batch.over:
            batch.expiry = self.now + max(RESULTS, DEAD)
