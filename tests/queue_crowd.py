"""What is done to a queue in tests of its faults: every step once, or a crowd of workers."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from queues import Bench, a_submission, crashed, done, failed, permanent

from imgflow.errors import QueueError
from imgflow.queue import Claims, Outcome, Queue, Submission, Ticket, connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers import RedisServer

T = TypeVar("T")


def scenario(bench: Bench) -> dict[str, int]:
    """Use every step of the queue at least once; return what was counted."""
    batch = bench.queue.open_batch("recipe")
    names = ("a", "b", "c", "d", "a")
    bench.receipts(
        *[a_submission(name, batch=batch, webhook="https://example.com/") for name in names]
    )
    bench.queue.seal_batch(batch)
    worker = bench.worker()
    first, second, third = worker.take(3)
    assert worker.beat({first.id: (first.run, 50)}) == {}
    bench.queue.tend()
    assert worker.settle([done(first), permanent(second)]) == [True, True]
    worker.release([third])
    (fourth,) = (job_id for job_id in bench.queue.batch_jobs(batch) if job_id not in {
        first.id, second.id, third.id
    })  # fmt: skip
    bench.queue.cancel_all([fourth])
    bench.queue.retry([second.id])
    bench.queue.tend()
    bench.drain()
    events = bench.queue.due_events()
    if not events:
        # Who took them was not heard of again: in a minute they are anybody's.
        bench.pass_time(61)
        events = bench.queue.due_events()
    assert len(events) == 5
    (event, second_event, *_) = events
    bench.queue.event_again(second_event.id, 1)
    bench.queue.event_done(event.id)
    status = bench.batch(batch)
    assert (status.status, status.total, status.duplicates) == ("completed", 5, 1)
    assert (status.completed, status.cancelled, status.failed) == (3, 1, 0)
    stats = bench.queue.stats()
    assert (stats.processing, stats.delayed, sum(stats.depth.values())) == (0, 0, 0)
    found = bench.counts()
    found.pop("duplicates")
    return found


def check_use(server: RedisServer, url: str) -> None:
    """Use every step of a queue on a server that the test looks behind by another way."""
    with Bench(server.url) as bench:
        client = connect(url)
        bench.queue = Queue(client, policy=bench.queue.policy)
        scenario(bench)
        (job_id,) = bench.submit()
        bench.queue.cancel(job_id)
        bench.queue.tend()
        worker = bench.worker()
        worker.wait(1)
        bench.queue.wait_for_events(1)
        bench.queue.remember("t", "k", "d")
        bench.queue.keep_reply("t", "k", "d", b"reply", 60)
        assert bench.queue.remember("t", "k", "d").reply == b"reply"
        bench.queue.forget("t", "k")
        bench.queue.batch_duplicates("x")
        bench.queue.cancel_batch("x")
        bench.queue.running()
        bench.queue.recent()
        bench.queue.failed()
        bench.queue.count_failed()
        worker.leave()
        bench.audit()
        client.close()


def reach(call: Callable[[], T]) -> T:
    """Call until the server answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return call()
        except QueueError as error:
            if not error.retryable or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Crowd:
    """Workers that go on until everything has ended, whatever the server does."""

    def __init__(self, make: Callable[[], Queue], workers: int = 3) -> None:
        self.queues = [make() for _ in range(workers)]
        self.ended: Counter[str] = Counter()
        self.stop = threading.Event()
        self._pool = ThreadPoolExecutor(workers)
        self._work = [
            self._pool.submit(self._run, queue, index) for index, queue in enumerate(self.queues)
        ]

    def finish(self, queue: Queue, jobs: int) -> None:
        """Wait until so many jobs have ended."""
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, f"stuck: {reach(queue.stats)}"
            counts = reach(queue.stats).counts
            ends = (counts[name] for name in ("completed", "failed", "cancelled", "expired"))
            if sum(ends) >= jobs or any(work.done() for work in self._work):
                break
            time.sleep(0.02)
        self.stop.set()
        for work in self._work:
            work.result(60)
        self._pool.shutdown()

    def _run(self, queue: Queue, index: int) -> None:
        worker = Claims(queue, f"worker-{index}", 2)
        while not self.stop.is_set():
            reach(queue.tend)
            tickets = reach(lambda: worker.take(3))
            held = {ticket.id: (ticket.run, 50) for ticket in tickets}
            reach(lambda held=held: worker.beat(held))  # type: ignore[misc]
            outcomes = [self._outcome(ticket) for ticket in tickets]
            settled = reach(lambda outcomes=outcomes: worker.settle(outcomes))  # type: ignore[misc]
            for ours, outcome in zip(settled, outcomes, strict=True):
                self.ended[outcome.ticket.id] += ours and outcome.kind in ("ok", "permanent")

    def _outcome(self, ticket: Ticket) -> Outcome:
        """Every job has its own fate, whoever runs it."""
        fate = int(ticket.id[-1], 16)
        if fate < 3 and ticket.retries < fate + 1:
            return failed(ticket)
        if fate == 4 and ticket.kills == 0:
            return crashed(ticket)
        return permanent(ticket) if fate == 5 else done(ticket)


def jobs_of(seed: int, number: int, **changes: Any) -> list[Submission]:
    dice = random.Random(seed)  # noqa: S311 - a fair test, no secret
    return [a_submission(id=f"{dice.getrandbits(128):032x}", **changes) for _ in range(number)]


def check_ends(bench: Bench, crowd: Crowd, submissions: list[Submission]) -> None:
    """All that was submitted ended once, in the state that its fate says."""
    ids = [each.id for each in submissions]
    for status in bench.queue.status(ids):
        assert status is not None
        expected = "failed" if int(status.job_id[-1], 16) == 5 else "completed"
        assert status.status == expected
        fate = int(status.job_id[-1], 16)
        assert status.retries == (fate + 1 if fate < 3 else 0)
        assert status.kills == (fate == 4)
    assert set(crowd.ended.values()) <= {0, 1}
    assert crowd.ended.total() == len(ids)
    stats = bench.queue.stats()
    assert (stats.processing, stats.delayed, sum(stats.depth.values())) == (0, 0, 0)
    assert stats.counts["submitted"] == len(ids)
    assert stats.counts["completed"] + stats.counts["failed"] == len(ids)
    bench.audit()
