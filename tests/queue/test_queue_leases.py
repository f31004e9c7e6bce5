"""A run belongs to its holder while the lease is renewed; nobody else ends it, or touches it."""

from __future__ import annotations

import threading

import pytest
from queues import Bench, a_submission, crashed, done, failed, reap, stopped

from imgflow.queue import Policy


def test_heartbeats_renew_leases(bench: Bench) -> None:
    bench.submit()
    worker = bench.worker()
    (ticket,) = worker.take(1)
    for _ in range(5):
        bench.pass_time(900)
        assert worker.beat({ticket.id: (ticket.run, 10)}) == {}
        bench.queue.tend()
        bench.raw.delete(bench.queue.key("grace"))
        bench.queue.tend()
    assert bench.status(ticket.id).losses == 0
    assert worker.settle([done(ticket)]) == [True]


def test_progress_only_grows(bench: Bench) -> None:
    bench.submit()
    worker = bench.worker()
    (ticket,) = worker.take(1)
    seen = []
    for percent in (0, 30, 20, 50, 10, 50, 99):
        worker.beat({ticket.id: (ticket.run, percent)})
        seen.append(bench.status(ticket.id).progress)
    assert seen == [0, 30, 30, 50, 50, 50, 99]
    worker.settle([done(ticket)])
    assert bench.status(ticket.id).progress == 100


@pytest.mark.parametrize("successor", ["waits", "works", "is done", "retries"])
def test_who_lost_a_job_can_neither_end_nor_touch_it(bench: Bench, successor: str) -> None:
    """celery#5935, saq#277: a stalled worker finished over its successor."""
    (job_id,) = bench.submit()
    stalled, other = bench.worker("stalled"), bench.worker("other")
    (old,) = stalled.take(1)
    reap(bench)
    assert bench.status(job_id).losses == 1
    if successor != "waits":
        (new,) = other.take(1)
        assert (new.id, new.run, new.losses) == (job_id, 2, 1)
        other.beat({job_id: (new.run, 10)})
    if successor == "is done":
        other.settle([done(new)])
    if successor == "retries":
        other.settle([failed(new)])
    before = bench.entry(job_id)
    assert stalled.beat({job_id: (old.run, 90)}) == {job_id: "lost"}
    assert stalled.settle([done(old)]) == [False]
    assert stalled.settle([failed(old)]) == [False]
    assert stalled.settle([crashed(old)]) == [False]
    assert stalled.settle([stopped(old)]) == [False]
    assert stalled.release([old]) == 0
    assert bench.entry(job_id) == before


def test_the_same_worker_cannot_end_its_earlier_run(bench: Bench) -> None:
    bench.submit()
    worker = bench.worker()
    (old,) = worker.take(1)
    reap(bench)
    (new,) = worker.take(1)
    assert new.run == old.run + 1
    assert worker.settle([done(old), done(new)]) == [False, True]
    assert bench.counts()["completed"] == 1


def test_a_repeated_end_is_ours_and_counts_once(bench: Bench) -> None:
    bench.submit("a", "b")
    worker = bench.worker()
    first, second = worker.take(2)
    assert worker.settle([done(first), failed(second)]) == [True, True]
    assert worker.settle([done(first), failed(second)]) == [True, True]
    assert bench.counts() == {"submitted": 2, "completed": 1, "retried": 1}
    assert bench.status(second.id).retries == 1


def test_an_end_after_a_redrive_is_too_late(bench: Bench) -> None:
    bench.submit()
    worker = bench.worker()
    (old,) = worker.take(1)
    worker.settle([failed(old, retryable=False)])
    bench.queue.retry([old.id])
    assert worker.settle([done(old)]) == [False]
    (new,) = worker.take(1)
    assert new.run == 2
    assert worker.settle([done(old), done(new)]) == [False, True]


def test_released_jobs_are_next_and_lose_nothing(bench: Bench) -> None:
    ids = bench.submit("a", "b", "c")
    worker = bench.worker()
    tickets = worker.take(2)
    assert worker.release(tickets) == 2
    status = bench.status(ids[0])
    assert (status.status, status.retries, status.kills, status.losses) == ("queued", 0, 0, 0)
    assert worker.release(tickets) == 0
    assert worker.settle([done(tickets[0])]) == [False]
    again = worker.take(3)
    assert {ticket.id for ticket in again[:2]} == set(ids[:2])
    assert [ticket.retries for ticket in again] == [0, 0, 0]


def test_a_released_job_does_not_expire(bench: Bench) -> None:
    """It was started in time."""
    (job_id,) = bench.submit()
    worker = bench.worker()
    worker.release(worker.take(1))
    bench.pass_time(90000)
    bench.queue.tend()
    assert bench.status(job_id).status == "queued"
    assert bench.drain() == [job_id]


def test_a_real_lease_lapses_by_itself(one_bench: Bench) -> None:
    """The one test here in which time passes as it does."""
    queue = one_bench.another(Policy(lease=0.1, delays=(0.05,)), "brisk")
    (receipt,) = queue.submit([a_submission()])
    worker = one_bench.worker(queue=queue)
    (lost,) = worker.take(1)
    waiting = threading.Event()
    for _ in range(600):
        queue.tend()
        if again := one_bench.worker("two", queue).take(1):
            break
        waiting.wait(0.05)
    assert (again[0].id, again[0].run, again[0].losses) == (receipt.job_id, 2, 1)
    assert worker.settle([done(lost)]) == [False]


def test_racing_workers_never_get_the_same_job(bench: Bench) -> None:
    """saq#124, dramatiq#692: one job, two workers."""
    bench.receipts(*[a_submission() for _ in range(120)])
    taken: list[str] = []

    def work(name: str) -> None:
        worker = bench.worker(name)
        while tickets := worker.take(3):
            taken.extend(ticket.id for ticket in tickets)
            assert all(worker.settle([done(ticket) for ticket in tickets]))

    threads = [threading.Thread(target=work, args=(f"w{index}",)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 120
    assert bench.counts() == {"submitted": 120, "completed": 120}
