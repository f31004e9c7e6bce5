"""Events for webhooks, replies to repeated requests, and the queue in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from queues import Bench, a_submission, crashed, done, failed, permanent, reap

from imgflow.queue import Remembered

if TYPE_CHECKING:
    from fault_proxy import FaultProxy

HOOK = "https://example.com/hook?a=1&b=ü"


def test_every_end_is_told_once(bench: Bench) -> None:
    ids = bench.submit("a", "b", "c", "d", webhook=HOOK)
    silent = bench.submit()[0]
    worker = bench.worker()
    first, second, third = worker.take(3)
    worker.settle([done(first), permanent(second), failed(third)])
    bench.queue.cancel(ids[3])
    bench.drain()
    bench.pass_time(2)
    bench.drain()
    events = bench.queue.due_events(10)
    found = {(event.job_id, event.state) for event in events}
    states = ["completed", "failed", "completed", "cancelled"]
    assert found == set(zip(ids, states, strict=True))
    assert {event.url for event in events} == {HOOK}
    assert {event.tries for event in events} == {0}
    assert silent not in {event.job_id for event in events}
    assert bench.queue.due_events(10) == [], "they are being delivered"


def test_an_event_that_was_not_delivered_comes_again_as_itself(bench: Bench) -> None:
    bench.submit(webhook=HOOK)
    bench.run()
    (event,) = bench.queue.due_events()
    bench.pass_time(61)
    (again,) = bench.queue.due_events()
    assert again == event._replace(at=again.at)
    assert again.id == event.id
    bench.queue.event_again(event.id, 30)
    assert bench.queue.due_events() == []
    bench.pass_time(31)
    (third,) = bench.queue.due_events()
    assert (third.id, third.tries) == (event.id, 1)
    bench.queue.event_done(event.id)
    bench.queue.event_again(event.id, 0)
    bench.pass_time(3600)
    assert bench.queue.due_events() == []
    assert not bench.raw.exists(bench.queue.key("events:tries"))


def test_events_are_taken_by_pages_oldest_first(bench: Bench) -> None:
    ids = bench.submit("a", "b", "c", webhook=HOOK)
    for _ in ids:
        bench.run()
        bench.pass_time(1)
    assert [event.job_id for event in bench.queue.due_events(2)] == ids[:2]
    assert [event.job_id for event in bench.queue.due_events(2)] == ids[2:]


def test_each_life_of_a_job_has_its_own_event(bench: Bench) -> None:
    (job_id,) = bench.submit(webhook=HOOK)
    bench.run(permanent)
    bench.queue.retry([job_id])
    bench.run()
    events = bench.queue.due_events()
    assert [event.state for event in events] == ["failed", "completed"]
    assert len({event.id for event in events}) == 2


def test_a_repeated_end_is_told_once(bench: Bench) -> None:
    bench.submit(webhook=HOOK)
    worker = bench.worker()
    (ticket,) = worker.take(1)
    for _ in range(3):
        worker.settle([done(ticket)])
    assert len(bench.queue.due_events()) == 1


def test_events_do_not_pile_up(bench: Bench) -> None:
    """An outbox that was never trimmed grew to 761 000 entries elsewhere."""
    bench.submit("a", "b", webhook=HOOK)
    bench.run(most=2)
    for event in bench.queue.due_events():
        bench.queue.event_again(event.id, 10)
    bench.pass_time(31 * 86400)
    bench.queue.tend()
    for name in ("events", "events:tries"):
        assert not bench.raw.exists(bench.queue.key(name))


def test_events_of_jobs_that_are_gone_are_dropped(bench: Bench) -> None:
    (job_id,) = bench.submit(webhook=HOOK)
    bench.run()
    bench.pass_time(90000)
    assert bench.queue.status([job_id]) == [None]
    assert bench.queue.due_events() == []
    assert not bench.raw.exists(bench.queue.key("events"))


def test_an_end_wakes_who_delivers(bench: Bench) -> None:
    bench.submit("a", "b", webhook=HOOK)
    bench.drain()
    bench.queue.wait_for_events(30)
    assert len(bench.queue.due_events()) == 2
    assert not bench.raw.exists(bench.queue.key("wake:events"))


def test_a_request_is_remembered(bench: Bench) -> None:
    queue = bench.queue
    assert queue.remember("t", "k", "d1") == Remembered(fresh=True, same=True, reply=None)
    assert queue.remember("t", "k", "d1") == Remembered(fresh=False, same=True, reply=None)
    assert queue.remember("t", "k", "d2") == Remembered(fresh=False, same=False, reply=None)
    assert queue.remember("other", "k", "d2").fresh
    reply = b"line\n\n\x00\xff\n"
    queue.keep_reply("t", "k", "d1", reply, 100)
    assert queue.remember("t", "k", "d1") == Remembered(fresh=False, same=True, reply=reply)
    assert queue.remember("t", "k", "d2") == Remembered(fresh=False, same=False, reply=reply)
    bench.pass_time(101)
    assert queue.remember("t", "k", "d2").fresh


def test_a_request_that_never_got_its_reply_is_forgotten(bench: Bench) -> None:
    assert bench.queue.remember("t", "k", "d").fresh
    bench.pass_time(29)
    assert not bench.queue.remember("t", "k", "d").fresh
    bench.pass_time(2)
    assert bench.queue.remember("t", "k", "d").fresh
    bench.queue.forget("t", "k")
    assert bench.queue.remember("t", "k", "d").fresh


def test_reply_lost_at_remember_does_not_lock_the_client_out(fault_proxy: FaultProxy) -> None:
    """The client repeats by itself, and found its own request in flight."""
    with Bench(fault_proxy.url()) as bench:
        fault_proxy.drop_replies(1, only=b"idem:")
        assert bench.queue.remember("t", "k", "d").fresh
        assert fault_proxy.dropped == 1
        assert not bench.queue.remember("t", "k", "d").fresh


def test_figures(bench: Bench) -> None:
    bench.receipts(*[a_submission(priority="high") for _ in range(2)])
    bench.pass_time(100)
    ids = bench.submit("a", "b", "c", "d", "e")
    bench.submit("low", priority="low")
    bench.queue.cancel(ids[4])
    worker = bench.worker("w1")
    tickets = worker.take(4)
    bench.pass_time(2)
    worker.settle([done(tickets[0]), permanent(tickets[1]), failed(tickets[2])])
    stats = bench.queue.stats()
    assert stats.queue == "default"
    assert sum(stats.depth.values()) == 3
    assert (stats.processing, stats.delayed, stats.dead) == (1, 1, 1)
    assert 2 <= stats.oldest_age < 100
    assert [(each.worker, each.slots) for each in stats.workers] == [("w1", 2)]
    assert stats.counts["submitted"] == 8
    assert stats.counts["cancelled"] == 1
    assert stats.durations["1"] == 0
    assert stats.durations["2.5"] >= 0
    assert stats.durations["inf"] == stats.durations["30"] == 3
    assert stats.durations_sum >= 6
    assert stats.waits["inf"] == 4
    assert stats.waits["60"] == 2
    assert stats.waits["300"] == 4
    assert stats.waits_sum >= 200
    for histogram in (stats.durations, stats.waits):
        assert list(histogram.values()) == sorted(histogram.values()), "they are cumulative"


def test_the_oldest_job_is_found_behind_tombstones(bench: Bench) -> None:
    first = bench.submit("a")[0]
    bench.pass_time(50)
    bench.submit("b")
    bench.queue.cancel(first)
    bench.pass_time(10)
    assert 10 <= bench.queue.stats().oldest_age < 50


def test_an_empty_queue_in_figures(bench: Bench) -> None:
    stats = bench.queue.stats()
    assert stats.depth == {"high": 0, "normal": 0, "low": 0}
    assert (stats.oldest_age, stats.processing, stats.workers) == (0, 0, ())
    assert set(stats.counts.values()) == {0}


@pytest.mark.parametrize("outcome", [crashed, failed, permanent, done])
def test_all_that_happened_adds_up(bench: Bench, outcome: object) -> None:
    bench.submit("a", "b", "c")
    bench.run(outcome, 2)
    bench.worker("lost").take(1)
    reap(bench)
    bench.drain(outcome)
    bench.pass_time(40)
    while bench.drain(outcome):
        bench.pass_time(40)
    counts = bench.queue.stats().counts
    ended = sum(counts[name] for name in ("completed", "failed", "cancelled", "expired"))
    assert counts["submitted"] == ended == 3
