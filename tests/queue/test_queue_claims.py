"""A claim holds for one run, for one worker, while it is renewed; nobody else ends the run."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from queues import Bench, a_submission

from imgflow.errors import QueueError
from imgflow.queue import Claims, Ticket, worker_name

if TYPE_CHECKING:
    from fault_proxy import FaultProxy

WHEEL = "hhnhhhnhhnhl"


def test_jobs_are_taken_in_the_order_they_came(bench: Bench) -> None:
    ids = bench.submit("a", "b", "c", "d")
    worker = bench.worker()
    assert [ticket.id for ticket in worker.take(3)] == ids[:3]
    assert [ticket.id for ticket in worker.take(3)] == ids[3:]
    assert worker.take(3) == []


def test_a_claim_says_who_works_since_when(bench: Bench) -> None:
    (job_id,) = bench.submit()
    (ticket,) = bench.worker("host-1").take(1)
    assert (ticket.run, ticket.retries, ticket.kills, ticket.losses) == (1, 0, 0, 0)
    status = bench.status(job_id)
    assert (status.status, status.worker, status.runs) == ("processing", "host-1", 1)
    assert status.started_at >= status.created_at
    assert status.start_by == ""
    assert [each.job_id for each in bench.queue.running()] == [job_id]


@pytest.mark.parametrize("batch", [1, 7])
def test_priorities_turn_on_a_wheel_of_twelve(bench: Bench, batch: int) -> None:
    names = {"h": "high", "n": "normal", "l": "low"}
    for priority in names.values():
        bench.receipts(*[a_submission(priority=priority) for _ in range(60)])
    taken: list[Ticket] = []
    worker = bench.worker()
    while len(taken) < 84:
        taken += worker.take(batch)
    order = [ticket.priority for ticket in taken]
    for start in range(0, 84, 12):
        share = Counter(order[start : start + 12])
        assert share == {"high": 8, "normal": 3, "low": 1}


def test_low_gets_its_turn_beside_endless_high(bench: Bench) -> None:
    low = bench.submit(priority="low")[0]
    normal = bench.submit()[0]
    order = []
    for _ in range(12):
        bench.receipts(*[a_submission(priority="high") for _ in range(2)])
        order += bench.run()
    assert {low, normal} <= set(order)


def test_high_is_next_for_an_idle_worker(bench: Bench) -> None:
    """At any turn of the wheel, a job that is alone is taken, whatever its priority."""
    for turn in range(24):
        for priority in ("high", "normal", "low"):
            (job_id,) = bench.submit(priority=priority)
            assert bench.run() == [job_id], (turn, priority)


def test_high_does_not_wait_behind_the_others(bench: Bench) -> None:
    """Rq#381 and its like: whoever waited for one list was deaf to the others."""
    bench.receipts(*[a_submission(priority="normal") for _ in range(30)])
    worker = bench.worker()
    for _ in range(12):
        (high,) = bench.submit(priority="high")
        assert high in [ticket.id for ticket in worker.take(4)]
        bench.drain()


def test_the_wheel_turns_over_what_is_empty(bench: Bench) -> None:
    ids = [bench.submit(priority="low")[0] for _ in range(5)]
    assert [ticket.id for ticket in bench.worker().take(9)] == ids


def test_a_token_wakes_a_worker_that_waits(bench: Bench) -> None:
    bench.submit()
    assert bench.raw.llen(bench.queue.key("wake")) == 1
    worker = bench.worker()
    worker.wait(30)
    assert bench.raw.llen(bench.queue.key("wake")) == 0
    assert len(worker.take(1)) == 1
    assert not bench.raw.exists(bench.queue.key("wake:sink"))


def test_a_token_wakes_a_worker_that_waits_already(bench: Bench) -> None:
    """kombu#305, celery#8030: a worker that waited stayed deaf."""
    worker = bench.worker(queue=bench.another())
    found: list[Ticket] = []

    def work() -> None:
        while not found:
            worker.wait(4)
            found.extend(worker.take(1))

    thread = threading.Thread(target=work)
    thread.start()
    (job_id,) = bench.submit()
    thread.join(60)
    assert [ticket.id for ticket in found] == [job_id]


def test_one_worker_wakes_the_next_while_jobs_are_left(bench: Bench) -> None:
    """bullmq#2904, #2842: of a bulk, one worker alone was woken."""
    bench.receipts(*[a_submission() for _ in range(3)])
    bench.raw.delete(bench.queue.key("wake"))
    bench.worker().take(2)
    assert bench.raw.llen(bench.queue.key("wake")) == 1
    bench.raw.delete(bench.queue.key("wake"))
    bench.worker().take(1)
    assert bench.raw.llen(bench.queue.key("wake")) == 0


def test_tokens_do_not_pile_up(bench: Bench) -> None:
    for _ in range(3):
        bench.receipts(*[a_submission() for _ in range(40)])
    assert bench.raw.llen(bench.queue.key("wake")) == 32


def test_reply_lost_at_claim_leaves_no_orphan(fault_proxy: FaultProxy) -> None:
    """redis-py#261, redis#949, rq#2079: popped by the server, never heard of by the client."""
    with Bench(fault_proxy.url()) as bench:
        ids = bench.submit("a", "b", "c")
        worker = bench.worker()
        fault_proxy.drop_replies(3, only=b"EVALSHA")
        assert [ticket.id for ticket in worker.take(2)] == ids[:2]
        assert fault_proxy.dropped == 3
        assert bench.raw.llen(bench.queue.key("inprogress")) == 2
        assert [status.runs for status in bench.queue.status(ids) if status] == [1, 1, 0]
        bench.audit()


def test_what_a_failed_call_claimed_comes_with_the_next(fault_proxy: FaultProxy) -> None:
    """redis-py#261: also when the client gave up before it heard."""
    with Bench(fault_proxy.url()) as bench:
        ids = bench.submit("a", "b", "c")
        worker = bench.worker()
        fault_proxy.drop_replies(5, only=b"EVALSHA")
        with pytest.raises(QueueError) as caught:
            worker.take(2)
        assert caught.value.code == "queue-unreachable"
        assert caught.value.retryable
        tickets = worker.take(1)
        assert [ticket.id for ticket in tickets] == ids[:2]
        assert [ticket.run for ticket in tickets] == [1, 1]
        assert [ticket.id for ticket in worker.take(1)] == ids[2:]
        bench.audit()


def test_a_repeated_claim_brings_only_what_is_still_held(fault_proxy: FaultProxy) -> None:
    with Bench(fault_proxy.url()) as bench:
        first, second = bench.submit("a", "b")
        worker = bench.worker()
        fault_proxy.drop_replies(5, only=b"EVALSHA")
        with pytest.raises(QueueError):
            worker.take(2)
        bench.raw.zadd(bench.queue.key("leases"), {first: 1})
        for _ in range(2):
            bench.queue.tend()
            bench.raw.delete(bench.queue.key("grace"))
        assert bench.status(first).losses == 1
        (other,) = bench.worker("other").take(1)
        assert (other.id, other.run) == (first, 2)
        assert [ticket.id for ticket in worker.take(2)] == [second]
        bench.audit()


def test_a_recipe_that_cannot_be_fetched_right_now_costs_no_run(bench: Bench) -> None:
    """The claim had succeeded; its jobs would have hung until their leases lapsed."""
    ids = bench.submit("a", "b")
    queue = bench.another()
    worker = Claims(queue, "one", 2)
    real = queue.shared_part

    def away(digest: str) -> bytes:
        raise QueueError(f"{digest}: away", code="queue-unreachable")

    queue.shared_part = away  # type: ignore[method-assign]
    with pytest.raises(QueueError):
        worker.take(2)
    queue.shared_part = real  # type: ignore[method-assign]
    assert [(ticket.id, ticket.run) for ticket in worker.take(2)] == [(ids[0], 1), (ids[1], 1)]


def test_a_job_without_its_recipe_is_given_up_and_its_neighbour_runs(bench: Bench) -> None:
    lost, kept = bench.submit("a")[0], bench.submit(dedupe=False)[0]
    digest = bench.entry(lost)["recipe"]
    bench.raw.hset(bench.queue.key("job:" + lost), "recipe", "gone")
    bench.raw.hset(bench.queue.key("recipes"), mapping={"gone": 1, digest: 1})
    assert [ticket.id for ticket in bench.worker().take(2)] == [kept]
    status = bench.status(lost)
    assert (status.status, status.code, status.retries) == ("failed", "recipe-lost", 0)
    bench.raw.hset(bench.queue.key("job:" + lost), "recipe", digest)


def test_a_job_of_another_version_is_given_up_and_its_neighbour_runs(bench: Bench) -> None:
    """A claim that raised would take the whole worker down, one after the other."""
    odd, fine = bench.submit("a", "b")
    fields: Any = {"i0": b'{"no": "list"}'}
    bench.raw.hdel(bench.queue.key("job:" + odd), *[f"i{index}" for index in range(8)])
    bench.raw.hset(bench.queue.key("job:" + odd), mapping=fields)
    assert [ticket.id for ticket in bench.worker().take(2)] == [fine]
    assert bench.entry(odd)["s"] == "f"
    assert bench.entry(odd)["code"] == "job-unreadable"


def test_ids_without_a_job_are_dropped(bench: Bench) -> None:
    """rq#1955, arq#320: ids outlived their jobs, and were handed out."""
    gone, kept = bench.submit("a", "b")
    digest = bench.entry(kept)["recipe"]
    bench.raw.delete(bench.queue.key("job:" + gone), bench.queue.key("dd:" + "x"))
    for key in bench.raw.scan_iter(match="*dd:*"):
        if bench.raw.get(key) == gone.encode():
            bench.raw.delete(key)
    bench.raw.hset(bench.queue.key("recipes"), digest, 1)
    assert [ticket.id for ticket in bench.worker().take(2)] == [kept]
    assert bench.raw.llen(bench.queue.key("inprogress")) == 1


def test_a_claim_looks_at_no_more_than_some_dead_ids_at_once(bench: Bench) -> None:
    ids = [bench.submit()[0] for _ in range(260)]
    bench.queue.cancel_all(ids[:250])
    worker = bench.worker()
    bench.raw.delete(bench.queue.key("wake"))
    assert worker.take(1) == []
    assert bench.raw.llen(bench.queue.key("wake")) == 1, "it is called again at once"
    assert [ticket.id for ticket in worker.take(1)] == [ids[250]]


def test_a_worker_that_left_is_forgotten(bench: Bench) -> None:
    worker = bench.worker(worker_name())
    worker.take(1)
    assert [each.slots for each in bench.queue.stats().workers] == [2]
    worker.leave()
    assert bench.queue.stats().workers == ()
    assert list(bench.raw.scan_iter(match="*:w:*")) == []


def test_a_worker_that_died_is_forgotten_some_day(bench: Bench) -> None:
    bench.worker().take(1)
    bench.pass_time(61)
    bench.queue.tend()
    assert bench.queue.stats().workers == ()
    assert list(bench.raw.scan_iter(match="*:w:*")) == []


def test_a_worker_whose_claims_were_forgotten_gets_new_jobs(bench: Bench) -> None:
    """The old claim is found by its lease."""
    bench.submit("a", "b")
    worker = bench.worker()
    worker.take(1)
    bench.raw.delete(bench.queue.key("w:one"))
    assert len(worker.take(1)) == 1
