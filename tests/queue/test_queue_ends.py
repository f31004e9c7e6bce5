"""Expiry, cancellation, and what is kept for how long."""

from __future__ import annotations

from typing import Any

import pytest
from queue_audit import STRUCTURE
from queues import Bench, a_submission, done, failed, permanent, reap, stopped


@pytest.mark.parametrize("finder", ["claim", "look", "tend", "duplicate", "look at all"])
def test_a_job_that_was_not_started_in_time_expires(bench: Bench, finder: str) -> None:
    late, kept = bench.submit("late", ttl=10.0)[0], bench.submit("kept")[0]
    bench.pass_time(9.5)
    bench.queue.tend()
    assert bench.status(late).status == "queued"
    bench.pass_time(1)
    if finder == "claim":
        assert [ticket.id for ticket in bench.worker().take(1)] == [kept]
    elif finder == "look":
        assert bench.status(late).status == "expired"
    elif finder == "look at all":
        (result, _) = bench.queue.results([late, kept])
        assert result is not None
        assert result.error is not None
        assert result.error.code == "expired"
    elif finder == "tend":
        bench.queue.tend()
        assert bench.queue.stats().depth["normal"] == 1
    else:
        assert not bench.receipts(a_submission("late"))[0].duplicate
    assert bench.counts()["expired"] == 1
    status = bench.status(late)
    assert (status.status, status.runs, status.error) == ("expired", 0, "")
    assert status.finished_at
    assert bench.queue.count_failed() == 0
    assert late not in bench.drain()


def test_a_job_that_was_started_in_time_does_not_expire(bench: Bench) -> None:
    (job_id,) = bench.submit(ttl=10.0)
    worker = bench.worker()
    (ticket,) = worker.take(1)
    bench.pass_time(500)
    bench.queue.tend()
    assert bench.status(job_id).status == "processing"
    worker.settle([failed(ticket)])
    bench.pass_time(500)
    bench.queue.tend()
    assert bench.status(job_id).status == "queued"
    bench.worker("lost").take(1)
    reap(bench)
    assert bench.status(job_id).status == "queued"
    assert bench.drain() == [job_id]


@pytest.mark.parametrize("state", ["queued", "processing", "delayed"])
def test_no_key_of_a_live_job_expires(bench: Bench, state: str) -> None:
    """arq#320, rq#1955: the entry of a job went while its id was in a list."""
    batch = bench.queue.open_batch()
    (job_id,) = bench.submit(batch=batch, ttl=1e7)
    bench.queue.seal_batch(batch)
    if state == "processing":
        bench.worker().take(1)
    if state == "delayed":
        bench.run(failed)
    mortal = {key.decode() for key in bench.raw.scan_iter() if bench.raw.pttl(key) != -1}
    assert {key.partition("}:")[2].partition(":")[0] for key in mortal} <= {"w"}
    bench.pass_time(90 * 86400 if state == "queued" else 500)
    assert bench.raw.exists(bench.queue.key("job:" + job_id))


def test_everything_that_is_done_with_goes(bench: Bench) -> None:
    """BullMQ keeps completed jobs for ever; so do streams that nobody trims."""
    everything(bench)
    left = {
        key.decode().removeprefix(bench.queue.root)
        for key in bench.raw.scan_iter()
        if bench.raw.pttl(key) == -1
    }
    assert left <= STRUCTURE
    bench.pass_time(31 * 86400)
    bench.queue.tend()
    bench.queue.due_events()
    bench.raw.delete(bench.queue.key("tended"), bench.queue.key("grace"))
    left = {key.decode().removeprefix(bench.queue.root) for key in bench.raw.scan_iter()}
    assert left <= {"counts", "hist", "recent", "wake", "wake:sink", "wake:events"}


def everything(bench: Bench) -> None:
    """Let jobs end in all ways there are."""
    batch = bench.queue.open_batch()
    ids = bench.submit("a", "b", "c", "d", "a", batch=batch, webhook="https://example.com/")
    bench.queue.seal_batch(batch)
    worker = bench.worker()
    first, second = worker.take(2)
    worker.settle([done(first), permanent(second)])
    bench.queue.cancel(ids[2])
    (event, _) = bench.queue.due_events(2)
    bench.queue.event_again(event.id, 5)
    bench.pass_time(90000)
    bench.queue.tend()
    bench.queue.remember("tenant", "key", "digest")
    bench.queue.keep_reply("tenant", "key", "digest", b"reply", 60)
    states = [status.status if status else "gone" for status in bench.queue.status(ids[:4])]
    assert states == ["gone", "failed", "gone", "expired"]


def test_results_are_kept_for_a_while(bench: Bench) -> None:
    (job_id,) = bench.submit()
    bench.run()
    bench.pass_time(86000)
    assert bench.status(job_id).output == "out/a.jpg"
    bench.pass_time(500)
    assert bench.queue.status([job_id]) == [None]
    assert bench.queue.recent() == []


@pytest.mark.parametrize("state", ["queued", "delayed", "retry due"])
def test_what_waits_is_cancelled_at_once(bench: Bench, state: str) -> None:
    (job_id,) = bench.submit()
    if state != "queued":
        bench.run(failed)
    if state == "retry due":
        bench.pass_time(2)
        bench.queue.tend()
    status = bench.queue.cancel(job_id)
    assert status is not None
    assert (status.status, status.cancel_requested) == ("cancelled", False)
    assert status.finished_at
    assert bench.queue.cancel(job_id) == status
    bench.pass_time(60)
    bench.queue.tend()
    assert bench.drain() == []
    assert bench.counts()["cancelled"] == 1
    assert bench.queue.stats().depth["normal"] == 0


@pytest.mark.parametrize("outcome", ["cancelled", "error", "permanent", "released", "lost"])
def test_what_runs_is_cancelled_as_soon_as_its_worker_hears_of_it(
    bench: Bench, outcome: str
) -> None:
    (job_id,) = bench.submit()
    worker = bench.worker()
    (ticket,) = worker.take(1)
    status = bench.queue.cancel(job_id)
    assert status is not None
    assert (status.status, status.cancel_requested) == ("processing", True)
    assert worker.beat({job_id: (ticket.run, 10)}) == {job_id: "cancelled"}
    assert worker.beat({job_id: (ticket.run, 10)}) == {job_id: "cancelled"}
    outcomes: dict[str, Any] = {
        "cancelled": stopped(ticket),
        "error": failed(ticket),
        "permanent": permanent(ticket),
    }
    if outcome == "released":
        assert worker.release([ticket]) == 1
    elif outcome == "lost":
        reap(bench)
    else:
        assert worker.settle([outcomes[outcome]]) == [True]
    status = bench.status(job_id)
    assert (status.status, status.cancel_requested) == ("cancelled", False)
    assert bench.drain() == []


def test_what_was_done_when_the_news_came_stays_done(bench: Bench) -> None:
    (job_id,) = bench.submit()
    worker = bench.worker()
    (ticket,) = worker.take(1)
    bench.queue.cancel(job_id)
    assert worker.settle([done(ticket)]) == [True]
    assert bench.status(job_id).status == "completed"


@pytest.mark.parametrize("outcome", [done, permanent])
def test_what_has_ended_is_not_cancelled(bench: Bench, outcome: Any) -> None:
    (job_id,) = bench.submit()
    bench.run(outcome)
    before = bench.status(job_id)
    assert bench.queue.cancel(job_id) == before
    assert "cancelled" not in bench.counts()


def test_many_are_cancelled(bench: Bench) -> None:
    receipts = bench.receipts(*[a_submission() for _ in range(700)])
    tickets = bench.worker().take(3)
    bench.worker().settle([done(tickets[0])])
    ids = [receipt.job_id for receipt in receipts]
    assert bench.queue.cancel_all([*ids, "unknown"]) == 699
    assert bench.queue.stats().depth["normal"] == 0
    for _ in range(9):
        bench.queue.tend()
    assert bench.raw.llen(bench.queue.key("p:normal")) == 0


def test_states_of_all_kinds_in_one_look(bench: Bench) -> None:
    ids = bench.submit("completed", "failed", "processing", "queued", "cancelled")
    worker = bench.worker()
    first, second, _ = worker.take(3)
    worker.settle([done(first), permanent(second)])
    bench.queue.cancel(ids[4])
    statuses = bench.queue.status(ids)
    assert [status.status for status in statuses if status] == [
        "completed",
        "failed",
        "processing",
        "queued",
        "cancelled",
    ]
    results = bench.queue.results(ids)
    assert [result.status if result else None for result in results] == [
        "completed",
        "failed",
        None,
        None,
        "failed",
    ]
    completed = statuses[0]
    assert completed is not None
    assert (completed.progress, completed.seconds) == (100, 0.5)
    assert (completed.output, completed.outputs[0].width) == ("out/a.jpg", 800)
    assert [status.job_id for status in bench.queue.recent()] == [ids[0]]
