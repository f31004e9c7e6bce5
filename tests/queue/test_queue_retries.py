"""Errors that may pass are retried after a while; what cannot get better is given up at once."""

from __future__ import annotations

import threading

import pytest
from queues import PATIENT, Bench, a_submission, crashed, done, failed, permanent, reap

from imgflow.queue import Policy


def due_in(bench: Bench, job_id: str) -> int:
    """Return the milliseconds from the failure to the retry, as the server stored them."""
    score = bench.raw.zscore(bench.queue.key("delayed"), job_id)
    assert score is not None
    return int(score)


def test_three_retries_after_1_5_and_25_seconds(bench: Bench) -> None:
    (job_id,) = bench.submit()
    worker = bench.worker()
    for retry, delay in enumerate((1000, 5000, 25000), 1):
        (ticket,) = worker.take(1)
        assert (ticket.run, ticket.retries) == (retry, retry - 1)
        before = bench.now()
        worker.settle([failed(ticket)])
        after = bench.now()
        assert before + delay <= due_in(bench, job_id) <= after + delay
        status = bench.status(job_id)
        assert (status.status, status.retries) == ("queued", retry)
        assert status.retry_at > status.started_at
        bench.pass_time(delay / 1000 - 0.5)
        assert worker.take(1) == [], "it is not due yet"
        bench.pass_time(0.5)
    (ticket,) = worker.take(1)
    worker.settle([failed(ticket, "storage-gone", "away for good")])
    status = bench.status(job_id)
    assert (status.status, status.retries, status.runs) == ("failed", 3, 4)
    assert (status.code, status.error) == ("storage-gone", "away for good")
    assert bench.counts() == {"submitted": 1, "retried": 3, "failed": 1}


def test_every_error_is_kept(bench: Bench) -> None:
    (job_id,) = bench.submit()
    for attempt in range(3):
        (ticket,) = bench.worker(f"worker-{attempt}").take(1)
        bench.worker().settle([failed(ticket, f"code-{attempt}", f"line {attempt}\nü\u2028")])
        bench.pass_time(30)
    bench.drain()
    errors = bench.status(job_id).errors
    assert [each.code for each in errors] == ["code-0", "code-1", "code-2"]
    assert [each.message for each in errors] == [f"line {n}\nü\u2028" for n in range(3)]
    assert [each.kind for each in errors] == ["error"] * 3
    assert all(each.at.endswith("Z") for each in errors)
    status = bench.status(job_id)
    assert (status.status, status.error, status.code) == ("completed", "", "")


def test_errors_are_short_and_not_without_end(bench: Bench) -> None:
    queue = bench.another(Policy(delays=(0.0,) * 40), "patient")
    (receipt,) = queue.submit([a_submission()])
    worker = bench.worker(queue=queue)
    for turn in range(40):
        (ticket,) = worker.take(1)
        assert worker.settle([failed(ticket, f"c{turn}", "x" * 10000 + "\udcff")]) == [True]
    (status,) = queue.status([receipt.job_id])
    assert status is not None
    assert 5 <= len(status.errors) <= 8
    assert status.errors[-1].code == "c39"
    assert max(len(each.message) for each in status.errors) == 2000
    entry = bench.raw.hget(queue.key("job:" + receipt.job_id), "errors")
    assert len(entry) <= 16384


def test_a_message_with_half_a_character_can_be_told(bench: Bench) -> None:
    """It comes from the name of a file, and must not keep the run from its end."""
    (job_id,) = bench.submit()
    (ticket,) = bench.worker().take(1)
    assert bench.worker().settle([failed(ticket, message="caf\udce9.jpg: gone")]) == [True]
    assert bench.status(job_id).error == "caf\\udce9.jpg: gone"


def test_errors_that_cannot_get_better_are_final_at_once(bench: Bench) -> None:
    (job_id,) = bench.submit()
    bench.run(permanent)
    status = bench.status(job_id)
    assert (status.status, status.retries, status.code) == ("failed", 0, "source-invalid")
    assert bench.queue.count_failed() == 1


def test_a_setting_retries_them_like_the_others(bench: Bench) -> None:
    queue = bench.another(Policy(retry_permanent=True, delays=(1.0,), lease=1000), "stubborn")
    (receipt,) = queue.submit([a_submission()])
    worker = bench.worker(queue=queue)
    worker.settle([permanent(worker.take(1)[0])])
    assert queue.stats().delayed == 1
    (status,) = queue.status([receipt.job_id])
    assert status is not None
    assert (status.status, status.retries) == ("queued", 1)


def test_no_retries_at_all(bench: Bench) -> None:
    queue = bench.another(Policy(delays=()), "strict")
    queue.submit([a_submission(), a_submission()])
    worker = bench.worker(queue=queue)
    first, second = worker.take(2)
    worker.settle([failed(first), crashed(second)])
    assert [status.status for status in queue.status([first.id]) if status] == ["failed"]
    assert queue.stats().delayed == 1, "a crash has its own count"


@pytest.mark.parametrize("jitter", [0.0, 0.2, 1.0])
def test_jitter_spreads_the_retries(one_bench: Bench, jitter: float) -> None:
    queue = one_bench.another(Policy(delays=(100.0,), jitter=jitter), "spread")
    queue.submit([a_submission() for _ in range(40)])
    worker = one_bench.worker(queue=queue)
    before = one_bench.now()
    worker.settle([failed(ticket) for ticket in worker.take(40)])
    after = one_bench.now()
    scores = [s for _, s in one_bench.raw.zrange(queue.key("delayed"), 0, -1, withscores=True)]
    delays = [score - before for score in scores]
    assert min(delays) >= 100_000 * (1 - jitter)
    assert max(delays) <= 100_000 * (1 + jitter) + after - before
    assert (max(delays) - min(delays) > 20_000 * jitter) == (jitter > 0)


def test_a_retry_comes_before_what_waits_and_keeps_its_priority(bench: Bench) -> None:
    first = bench.submit(priority="low")[0]
    bench.run(failed)
    bench.submit(priority="low")
    bench.pass_time(2)
    (ticket,) = bench.worker().take(1)
    assert (ticket.id, ticket.priority) == (first, "low")


def test_a_retry_does_not_expire(bench: Bench) -> None:
    (job_id,) = bench.submit()
    bench.run(failed)
    bench.pass_time(90000)
    bench.queue.tend()
    assert bench.status(job_id).status == "queued"
    assert bench.drain() == [job_id]


def test_retries_that_are_due_at_once_all_run(bench: Bench) -> None:
    """Sidekiq Pro #3371: of several jobs with the same time, some were lost."""
    ids = bench.submit(*[f"{index}.jpg" for index in range(120)])
    worker = bench.worker()
    for _ in range(3):
        worker.settle([failed(ticket) for ticket in worker.take(40)])
    key = bench.queue.key("delayed")
    moment = bench.now() - 5
    bench.raw.zadd(key, dict.fromkeys(ids, moment))
    for job_id in ids:
        bench.raw.hset(bench.queue.key("job:" + job_id), "due", moment)
    assert sorted(bench.drain()) == sorted(ids)


def test_due_retries_are_found_by_claims_alone(bench: Bench) -> None:
    """And by housekeeping: whoever promotes may die."""
    (job_id,) = bench.submit()
    bench.run(failed)
    bench.pass_time(2)
    bench.queue.tend()
    assert bench.queue.stats().depth["normal"] == 1
    bench.run(failed)
    bench.pass_time(6)
    assert bench.run() == [job_id]


def test_a_job_that_kills_twice_is_given_up(bench: Bench) -> None:
    poison, neighbour = bench.submit("poison", "neighbour")
    worker = bench.worker()
    first, other = worker.take(2)
    worker.settle([crashed(first)])
    assert bench.status(poison).kills == 1
    bench.pass_time(2)
    (second,) = worker.take(1)
    assert (second.id, second.kills, second.retries) == (poison, 1, 0)
    worker.settle([crashed(second)])
    status = bench.status(poison)
    assert (status.status, status.kills, status.retries) == ("failed", 2, 0)
    assert status.code == "worker-crashed"
    assert [each.kind for each in status.errors] == ["kill", "kill"]
    assert worker.settle([done(other)]) == [True]
    assert bench.status(neighbour).status == "completed"
    assert bench.counts()["killed"] == 2


def test_kills_and_errors_are_counted_apart(bench: Bench) -> None:
    (job_id,) = bench.submit()
    for outcome in (failed, crashed, failed, failed):
        bench.run(outcome)
        bench.pass_time(30)
    status = bench.status(job_id)
    assert (status.status, status.retries, status.kills) == ("queued", 3, 1)
    bench.run(crashed)
    assert bench.status(job_id).status == "failed"


def test_a_job_lost_with_three_workers_is_given_up(bench: Bench) -> None:
    """River#1258, rq#2061: jobs that ran for ever, jobs that failed while they lived."""
    (job_id,) = bench.submit()
    for losses in range(3):
        (ticket,) = bench.worker(f"worker-{losses}").take(1)
        assert ticket.losses == losses
        reap(bench)
    status = bench.status(job_id)
    assert (status.status, status.losses, status.retries) == ("failed", 3, 0)
    assert status.code == "worker-lost"
    assert [each.kind for each in status.errors] == ["lost"] * 3
    assert [each.worker for each in status.errors] == ["worker-0", "worker-1", "worker-2"]
    assert bench.counts() == {"submitted": 1, "lost": 3, "failed": 1}


def test_a_lost_job_runs_next(bench: Bench) -> None:
    first = bench.submit()[0]
    bench.worker("lost").take(1)
    bench.submit()
    reap(bench)
    assert bench.worker().take(1)[0].id == first


def test_a_server_that_was_away_for_long_takes_nobody_for_lost(bench: Bench) -> None:
    """Sidekiq Pro #5435: an over-eager look for orphans ran everything twice."""
    bench.submit("a", "b")
    worker = bench.worker()
    tickets = worker.take(2)
    bench.queue.tend()
    for away in (1100, 5000, 90000):
        bench.pass_time(away)
        bench.queue.tend()
        assert bench.queue.stats().processing == 2
        assert worker.beat({ticket.id: (ticket.run, 1) for ticket in tickets}) == {}
    bench.queue.tend()
    assert "lost" not in bench.counts()
    assert worker.settle([done(ticket) for ticket in tickets]) == [True, True]


def test_who_does_not_come_back_is_lost_all_the_same(bench: Bench) -> None:
    bench.submit()
    bench.worker().take(1)
    bench.queue.tend()
    bench.pass_time(5000)
    bench.queue.tend()
    bench.pass_time(501)
    bench.queue.tend()
    assert bench.counts()["lost"] == 1


def test_a_job_in_progress_without_a_lease_gets_one(bench: Bench) -> None:
    """taskiq-redis#130, saq#127: stuck for ever."""
    (job_id,) = bench.submit()
    worker = bench.worker()
    (ticket,) = worker.take(1)
    bench.raw.delete(bench.queue.key("leases"))
    bench.queue.tend()
    bench.audit()
    assert worker.beat({job_id: (ticket.run, 1)}) == {}
    reap(bench)
    assert bench.status(job_id).losses == 1


def test_what_is_left_in_progress_is_found_among_many(bench: Bench) -> None:
    bench.receipts(*[a_submission() for _ in range(250)])
    worker = bench.worker()
    (oldest,) = worker.take(1)
    while worker.take(50):
        pass
    bench.raw.zrem(bench.queue.key("leases"), oldest.id)
    bench.raw.rpush(bench.queue.key("inprogress"), "nobody")
    bench.queue.tend()
    bench.audit()


def test_a_retry_in_real_time(one_bench: Bench) -> None:
    queue = one_bench.another(Policy(delays=(0.05, 0.05), lease=PATIENT.lease), "brisk")
    (receipt,) = queue.submit([a_submission()])
    worker = one_bench.worker(queue=queue)
    waiting = threading.Event()
    outcomes = [done, failed, failed]
    for _ in range(600):
        for ticket in worker.take(1):
            assert worker.settle([outcomes.pop()(ticket)]) == [True]
        if not outcomes:
            break
        waiting.wait(0.02)
    (status,) = queue.status([receipt.job_id])
    assert status is not None
    assert (status.status, status.retries, status.runs) == ("completed", 2, 3)
