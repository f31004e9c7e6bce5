"""A machine that does anything to a queue, in any order, and compares it with its model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from queue_model import DEAD, DELAYS, KILLS, LEASE, LOSSES, NAMES, RESULTS, TTL, WINDOW, Model
from queues import Bench, a_job, a_submission, crashed, done, failed, permanent, stopped

from imgflow.errors import QueueError
from imgflow.queue import Claims, Outcome, Policy, Ticket

if TYPE_CHECKING:
    from imgflow.queue import Submission

POLICY = Policy(
    delays=DELAYS,
    kills=KILLS,
    losses=LOSSES,
    lease=LEASE,
    ttl=TTL,
    dedupe_window=WINDOW,
    results_ttl=RESULTS,
    dead_ttl=DEAD,
)
PRIORITIES = st.sampled_from(["high", "normal", "low"])
NUMBERS = st.integers(0, 1 << 16)
OUTCOMES = {
    "ok": done,
    "error": failed,
    "permanent": permanent,
    "kill": crashed,
    "cancelled": stopped,
}


class QueueMachine(RuleBasedStateMachine):
    """Three workers and a client on one queue. Time passes in steps of 1000 seconds."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.bench = Bench(url, POLICY)
        self.bench.raw.flushdb()
        self.queue = self.bench.queue
        self.model = Model()
        self.workers = [Claims(self.queue, name, 2) for name in ("one", "two", "three")]
        self.tickets: list[tuple[Claims, Ticket]] = []
        self.submissions: list[Submission] = []
        self.lived: set[str] = set()
        self.stutters = False
        real = self.queue.scripts.run

        def run(*arguments: Any, **options: Any) -> Any:
            """Lose the reply, as the network does, and repeat, as the client does."""
            if self.stutters:
                real(*arguments, **options)
            return real(*arguments, **options)

        self.queue.scripts.run = run  # type: ignore[method-assign]

    def teardown(self) -> None:
        self.bench.__exit__()

    @initialize()
    def begin(self) -> None:
        self.queue.tend()
        self.model.tend()

    @rule(number=st.integers(0, 4), priority=PRIORITIES, batch=st.sampled_from(["", "", "x", "y"]))
    def submit(self, number: int, priority: Any, batch: str) -> None:
        job = a_job(f"{number}.jpg", orient=number != 3)
        submission = a_submission(job, priority=priority, batch=batch, dedupe=number != 4)
        self.submissions.append(submission)
        self._submit(submission)

    @precondition(lambda self: self.submissions)
    @rule(number=NUMBERS)
    def submit_again(self, number: int) -> None:
        self._submit(self.submissions[number % len(self.submissions)])

    def _submit(self, submission: Submission) -> None:
        known = submission.id in self.model.jobs
        dd = submission.job.input if submission.dedupe else ""
        if not known and submission.id in self.lived:
            return  # long gone: nobody repeats a submission that late
        expected = self.model.submit(submission.id, dd, submission.priority, submission.batch)
        if expected is None:
            with pytest.raises(QueueError, match="expected an open batch"):
                self.queue.submit([submission])
            return
        (receipt,) = self.queue.submit([submission])
        assert receipt.job_id == expected
        assert receipt.duplicate == (expected != submission.id)
        self.lived.add(receipt.job_id)

    @rule(worker=st.integers(0, 2), most=st.integers(1, 3))
    def claim(self, worker: int, most: int) -> None:
        claimable = self.model.claimable()
        tickets = self.workers[worker].take(most)
        ids = [ticket.id for ticket in tickets]
        assert len(set(ids)) == len(ids) == min(most, len(claimable))
        for ticket in tickets:
            assert ticket.id in claimable
            job = self.model.jobs[ticket.id]
            assert ticket.run == self.model.claim(ticket.id)
            assert (ticket.retries, ticket.kills) == (job.retries, job.kills)
            assert ticket.losses == job.losses
            assert ticket.priority == job.priority
            self.tickets.append((self.workers[worker], ticket))

    @precondition(lambda self: self.tickets)
    @rule(number=NUMBERS, progress=st.integers(0, 99))
    def beat(self, number: int, progress: int) -> None:
        worker, ticket = self.tickets[number % len(self.tickets)]
        verdict = self.model.beat(ticket.id, ticket.run, progress)
        found = worker.beat({ticket.id: (ticket.run, progress)})
        assert found == ({ticket.id: verdict} if verdict else {})

    @precondition(lambda self: self.tickets)
    @rule(number=NUMBERS, kind=st.sampled_from([*OUTCOMES, "error"]))
    def settle(self, number: int, kind: str) -> None:
        worker, ticket = self.tickets[number % len(self.tickets)]
        expected = self.model.settle(ticket.id, ticket.run, kind)
        outcome: Outcome = OUTCOMES[kind](ticket)
        assert worker.settle([outcome]) == [expected]

    @precondition(lambda self: self.tickets)
    @rule(number=NUMBERS)
    def release(self, number: int) -> None:
        worker, ticket = self.tickets[number % len(self.tickets)]
        self.model.release(ticket.id, ticket.run)
        worker.release([ticket])

    @precondition(lambda self: self.submissions)
    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        job_id = self.submissions[number % len(self.submissions)].id
        self._sync()
        job = self.model.jobs.get(job_id)
        if job and self.model.overdue(job):
            return
        self.model.cancel(job_id)
        self.queue.cancel(job_id)

    @precondition(lambda self: self.submissions)
    @rule(number=NUMBERS)
    def redrive(self, number: int) -> None:
        job_id = self.submissions[number % len(self.submissions)].id
        self._sync()
        if refusal := self.model.redrive(job_id):
            with pytest.raises(QueueError) as caught:
                self.queue.retry([job_id])
            assert caught.value.code == refusal
        else:
            self.queue.retry([job_id])

    @rule()
    def tend(self) -> None:
        self.model.tend()
        self.queue.tend()

    @rule(thousands=st.sampled_from([1, 1, 2, 3, 5, 11, 25]))
    def pass_time(self, thousands: int) -> None:
        self._sync()
        self.bench.pass_time(thousands * 1000)
        self.model.pass_time(thousands * 1000)

    @rule()
    def look(self) -> None:
        ids = list(self.model.jobs)
        states = {status.job_id: status.status for status in self.queue.status(ids) if status}
        names = {"q": "queued", "d": "queued", "p": "processing", **NAMES}
        for job_id, job in self.model.jobs.items():
            expected = "expired" if self.model.overdue(job) else names[job.state]
            assert states[job_id] == expected

    @rule(name=st.sampled_from(["x", "y"]))
    def open_batch(self, name: str) -> None:
        self.model.open_batch(name)
        self.queue.open_batch("", name)

    @rule(name=st.sampled_from(["x", "y"]))
    def seal_batch(self, name: str) -> None:
        assert self.queue.seal_batch(name) == self.model.seal(name)

    @rule()
    def forget_scripts(self) -> None:
        self.bench.raw.script_flush()

    @rule(stutters=st.booleans())
    def lose_replies(self, stutters: bool) -> None:
        self.stutters = stutters

    def _entries(self) -> dict[str, dict[str, str]]:
        return {job_id: self.bench.entry(job_id) for job_id in self.model.jobs}

    def _sync(self) -> None:
        """Jobs past their time may be found expired at any step."""
        for job_id, job in list(self.model.jobs.items()):
            if self.model.overdue(job) and self.bench.entry(job_id)["s"] == "e":
                self.model.finish(job_id, "e")

    @invariant()
    def all_is_as_in_the_model(self) -> None:
        self._sync()
        self._compare_jobs()
        self._compare_keys()
        self._compare_figures()

    def _compare_jobs(self) -> None:
        for job_id, entry in self._entries().items():
            job = self.model.jobs[job_id]
            found = tuple(int(entry.get(name, 0)) for name in ("n", "t", "k", "l", "g"))
            counts = (job.run, job.retries, job.kills, job.losses, job.progress)
            assert (entry["s"], found) == (job.state, counts)
            assert ("cancel" in entry) == job.cancel
        keys = [key.decode() for key in self.bench.raw.scan_iter(match="*:job:*", count=1000)]
        assert {key.rpartition(":")[2] for key in keys} == self.model.jobs.keys()

    def _compare_keys(self) -> None:
        self.bench.audit()
        holders = {dd: job_id for dd, (job_id, _) in self.model.holders.items()}
        keys = list(self.bench.raw.scan_iter(match="*:dd:*", count=1000))
        found = Counter(self.bench.raw.get(key).decode() for key in keys)
        assert found == Counter(holders.values())

    def _compare_figures(self) -> None:
        states = Counter(job.state for job in self.model.jobs.values())
        stats = self.queue.stats()
        assert (stats.processing, stats.delayed) == (states["p"], states["d"])
        assert sum(stats.depth.values()) == states["q"]
        found = {name: value for name, value in stats.counts.items() if value}
        found.pop("duplicates", None)
        assert found == +self.model.counts
        for name in ("x", "y"):
            status = self.queue.batch(name)
            batch = self.model.batches.get(name)
            assert (status is None) == (batch is None)
            if status and batch:
                assert (status.total, status.duplicates) == (batch.total, len(batch.same))
                ends = {state: getattr(status, word) for state, word in NAMES.items()}
                assert ends == {state: batch.ends[state] for state in NAMES}
                assert (status.status == "completed") == batch.over
