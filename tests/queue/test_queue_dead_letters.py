"""What failed for good is kept, listed, shown with its cause, and queued again on request."""

from __future__ import annotations

import uuid

import pytest
from queues import Bench, a_job, a_submission, done, failed, permanent

from imgflow.errors import QueueError
from imgflow.queue import JobStatus, Policy


def letters(bench: Bench, number: int, **changes: object) -> list[str]:
    """Make dead letters, oldest first."""
    ids = []
    for index in range(number):
        ids += bench.submit(f"{index}-{changes}.jpg")
        bench.run(permanent)
        bench.pass_time(1)
    return ids


def ids_of(found: list[JobStatus]) -> list[str]:
    return [status.job_id for status in found]


def test_they_are_listed_newest_first_by_pages(bench: Bench) -> None:
    ids = letters(bench, 7)[::-1]
    assert bench.queue.count_failed() == 7
    assert ids_of(bench.queue.failed()) == ids
    assert ids_of(bench.queue.failed(0, 3)) == ids[:3]
    assert ids_of(bench.queue.failed(3, 3)) == ids[3:6]
    assert ids_of(bench.queue.failed(6, 3)) == ids[6:]
    assert bench.queue.failed(7, 3) == []
    assert bench.queue.failed(0, 0) == []


def test_they_tell_why_and_what(bench: Bench) -> None:
    (receipt,) = bench.receipts(a_submission(a_job("x.jpg", recipe="thumbnails"), priority="high"))
    (ticket,) = bench.worker("host").take(1)
    bench.worker().settle([failed(ticket, "source-invalid", "x.jpg: no image", retryable=False)])
    (status,) = bench.queue.failed()
    assert status.job_id == receipt.job_id
    assert (status.status, status.code, status.error) == (
        "failed",
        "source-invalid",
        "x.jpg: no image",
    )
    assert (status.recipe, status.input) == ("thumbnails", "file:///photos/x.jpg")
    assert (status.priority, status.worker, status.runs) == ("high", "host", 1)
    assert status.finished_at >= status.started_at >= status.created_at
    (result,) = bench.queue.results([receipt.job_id])
    assert result is not None
    assert result.error is not None
    assert (result.status, result.error.code) == ("failed", "source-invalid")


def test_they_are_filtered(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    jobs = [
        a_submission(a_job("a", recipe="one"), batch=batch),
        a_submission(a_job("b", recipe="two"), batch=batch),
        a_submission(a_job("c", recipe="one")),
    ]
    a, b, c = [receipt.job_id for receipt in bench.receipts(*jobs)]
    for code in ("bad", "bad", "worse"):
        bench.run(lambda ticket, code=code: failed(ticket, code, retryable=False))
        bench.pass_time(1)
    assert ids_of(bench.queue.failed(code="bad")) == [b, a]
    assert ids_of(bench.queue.failed(recipe="one")) == [c, a]
    assert ids_of(bench.queue.failed(batch=batch, recipe="two")) == [b]
    assert ids_of(bench.queue.failed(1, 1, recipe="one")) == [a]
    assert bench.queue.failed(code="none") == []


def test_a_filter_finds_what_lies_deep(one_bench: Bench) -> None:
    deep = one_bench.submit()[0]
    one_bench.run(lambda ticket: failed(ticket, "rare", retryable=False))
    one_bench.pass_time(1)
    one_bench.receipts(*[a_submission() for _ in range(1100)])
    one_bench.drain(permanent)
    assert ids_of(one_bench.queue.failed(0, 1, code="rare")) == [deep]


def test_one_is_queued_again_with_all_its_retries(bench: Bench) -> None:
    (job_id,) = bench.submit()
    for _ in range(4):
        bench.run(failed)
        bench.pass_time(30)
    before = bench.status(job_id)
    assert (before.status, before.retries) == ("failed", 3)
    (status,) = bench.queue.retry([job_id])
    assert (status.status, status.retries, status.progress) == ("queued", 0, 0)
    assert (status.kills, status.losses, status.finished_at) == (0, 0, "")
    assert len(status.errors) == 4
    assert bench.queue.count_failed() == 0
    assert bench.raw.pttl(bench.queue.key("job:" + job_id)) == -1
    (ticket,) = bench.worker().take(1)
    assert (ticket.id, ticket.run, ticket.retries) == (job_id, 5, 0)
    bench.worker().settle([failed(ticket)])
    assert bench.status(job_id).retries == 1
    bench.pass_time(2)
    bench.run(done)
    assert bench.status(job_id).status == "completed"
    assert bench.counts() == {
        "submitted": 1,
        "retried": 4,
        "failed": 1,
        "redriven": 1,
        "completed": 1,
    }


def test_many_are_queued_again(bench: Bench) -> None:
    ids = [receipt.job_id for receipt in bench.receipts(*[a_submission() for _ in range(600)])]
    bench.drain(permanent)
    assert bench.queue.count_failed() == 600
    assert len(bench.queue.retry(ids)) == 600
    assert bench.queue.count_failed() == 0
    assert sorted(bench.drain()) == sorted(ids)


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_what_was_cancelled_or_expired_is_queued_again_too(bench: Bench, state: str) -> None:
    (job_id,) = bench.submit()
    if state == "cancelled":
        bench.queue.cancel(job_id)
    else:
        bench.pass_time(90000)
    assert bench.status(job_id).status == state
    (status,) = bench.queue.retry([job_id])
    assert status.status == "queued"
    assert status.start_by
    assert bench.drain() == [job_id]


def test_a_job_in_its_list_twice_runs_once(bench: Bench) -> None:
    """Its first place was never taken out of the list."""
    first, second = bench.submit("a", "b")
    bench.queue.cancel(first)
    bench.queue.retry([first])
    bench.audit()
    assert bench.queue.stats().depth["normal"] == 2
    assert sorted(bench.drain()) == sorted([first, second])
    assert bench.run() == []
    assert bench.raw.llen(bench.queue.key("p:normal")) == 0


def test_what_cannot_be_queued_again(bench: Bench) -> None:
    queued, completed, failed_id, known = bench.submit("q", "c", "f", "k")
    worker = bench.worker()
    one, two, three, four = worker.take(4)
    worker.settle([done(two), permanent(three), permanent(four)])
    worker.release([one])
    cases = [
        (queued, "job-not-failed"),
        (completed, "job-not-failed"),
        (str(uuid.uuid4()), "job-unknown"),
    ]
    for job_id, code in cases:
        with pytest.raises(QueueError) as caught:
            bench.queue.retry([job_id])
        assert (caught.value.code, caught.value.retryable) == (code, False)
        assert job_id in caught.value.message
    with pytest.raises(QueueError):
        bench.queue.retry([completed, failed_id, known])
    assert bench.status(failed_id).status == bench.status(known).status == "queued"


def test_one_of_two_that_do_the_same_stays(bench: Bench) -> None:
    (first,) = bench.submit("same")
    bench.run(permanent)
    (second,) = bench.submit("same")
    with pytest.raises(QueueError) as caught:
        bench.queue.retry([first])
    assert caught.value.code == "job-duplicate"
    bench.run(permanent)
    assert bench.queue.retry([first])[0].status == "queued"
    with pytest.raises(QueueError):
        bench.queue.retry([second])
    (receipt,) = bench.receipts(a_submission("same"))
    assert (receipt.job_id, receipt.duplicate) == (first, True)


def test_they_go_when_their_time_is_over(bench: Bench) -> None:
    queue = bench.another(Policy(dead_ttl=1000.0, results_ttl=10.0), "short")
    from queues import shift_time

    (receipt,) = queue.submit([a_submission()])
    worker = bench.worker(queue=queue)
    worker.settle([permanent(worker.take(1)[0])])
    shift_time(bench.raw, queue.root, 900_000)
    queue.tend()
    assert queue.count_failed() == 1
    assert queue.retry([receipt.job_id])
    worker.settle([permanent(worker.take(1)[0])])
    shift_time(bench.raw, queue.root, 1_001_000)
    assert queue.failed() == []
    queue.tend()
    assert queue.count_failed() == 0
    assert queue.status([receipt.job_id]) == [None]
    assert not list(bench.raw.scan_iter(match="*{imgflow:short}:recipe:*"))


def test_the_recipe_outlives_every_letter(bench: Bench) -> None:
    (job_id,) = bench.submit()
    bench.run(permanent)
    bench.pass_time(29 * 86400)
    assert bench.queue.retry([job_id])[0].status == "queued"
    assert bench.drain() == [job_id]
