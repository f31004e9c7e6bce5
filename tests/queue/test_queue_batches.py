"""Batches: counted exactly, followed in the order of ends, cancelled and redriven as a whole."""

from __future__ import annotations

import pytest
from queues import Bench, a_submission, done, failed, permanent, stopped


def numbers(bench: Bench, batch_id: str) -> dict[str, int]:
    """Return the counts of a batch that are not zero."""
    status = bench.batch(batch_id)
    names = ("pending", "completed", "failed", "cancelled", "expired", "duplicates")
    found = {name: getattr(status, name) for name in names}
    assert sum(found.values()) == status.total
    return {name: value for name, value in found.items() if value}


def test_a_batch_counts_its_jobs(bench: Bench) -> None:
    batch = bench.queue.open_batch("thumbnails")
    assert (bench.batch(batch).status, bench.batch(batch).recipe) == ("open", "thumbnails")
    ids = bench.submit("a", "b", "c", "d", batch=batch)
    assert numbers(bench, batch) == {"pending": 4}
    assert bench.queue.seal_batch(batch)
    assert bench.batch(batch).status == "processing"
    worker = bench.worker()
    first, second = worker.take(2)
    assert first.batch == batch
    worker.settle([permanent(second), done(first)])
    bench.queue.cancel(ids[2])
    assert numbers(bench, batch) == {"pending": 1, "completed": 1, "failed": 1, "cancelled": 1}
    assert bench.batch(batch).progress == 75
    bench.pass_time(90000)
    bench.queue.tend()
    status = bench.batch(batch)
    assert numbers(bench, batch) == {"completed": 1, "failed": 1, "cancelled": 1, "expired": 1}
    assert (status.status, status.progress) == ("completed", 100)
    assert bench.queue.batch_jobs(batch) == ids
    assert bench.queue.batch_jobs(batch, 1, 2) == ids[1:3]
    ended = [ids[1], ids[0], ids[2], ids[3]]
    assert bench.queue.batch_ended(batch, 0) == ended
    assert bench.queue.batch_ended(batch, 2) == ended[2:]
    assert bench.queue.batch_ended(batch, 1, 2) == ended[1:3]
    assert bench.queue.batch_ended(batch, 4) == []


def test_duplicates_are_answered_for(bench: Bench) -> None:
    (older,) = bench.submit("a")
    batch = bench.queue.open_batch()
    assert bench.submit("a", "b", "b", batch=batch)[0] == older
    assert numbers(bench, batch) == {"pending": 1, "duplicates": 2}
    bench.queue.seal_batch(batch)
    bench.drain()
    assert numbers(bench, batch) == {"completed": 1, "duplicates": 2}
    assert bench.batch(batch).status == "completed"
    assert bench.queue.batch_duplicates(batch)[0] == older


def test_a_repeated_submission_is_counted_once(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    bench.submit("a")
    submissions = [a_submission(name, batch=batch) for name in ("a", "b")]
    for _ in range(3):
        bench.receipts(*submissions)
        assert numbers(bench, batch) == {"pending": 1, "duplicates": 1}
    assert bench.counts()["duplicates"] == 1


def test_a_repeated_submission_whose_older_job_failed_meanwhile_is_counted_once(
    bench: Bench,
) -> None:
    bench.submit("a")
    batch = bench.queue.open_batch()
    submission = a_submission("a", batch=batch)
    bench.receipts(submission)
    bench.run(permanent)
    (receipt,) = bench.receipts(submission)
    assert (receipt.job_id, receipt.duplicate) == (submission.id, False)
    assert numbers(bench, batch) == {"pending": 1}
    bench.queue.seal_batch(batch)
    bench.drain()
    assert numbers(bench, batch) == {"completed": 1}


def test_a_batch_begun_is_gone_on_with(bench: Bench) -> None:
    assert bench.queue.open_batch("first", "my-batch") == "my-batch"
    bench.submit("a", batch="my-batch")
    assert bench.queue.open_batch("again", "my-batch") == "my-batch"
    bench.submit("b", batch="my-batch")
    assert numbers(bench, "my-batch") == {"pending": 2}
    assert bench.batch("my-batch").recipe == "first"
    for _ in range(2):
        assert bench.queue.seal_batch("my-batch")


def test_an_empty_batch_is_complete_when_it_is_sealed(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    bench.queue.seal_batch(batch)
    assert bench.batch(batch).status == "completed"


def test_a_batch_of_nothing_but_duplicates_is_complete(bench: Bench) -> None:
    bench.submit("a")
    batch = bench.queue.open_batch()
    bench.submit("a", batch=batch)
    bench.queue.seal_batch(batch)
    assert bench.batch(batch).status == "completed"


def test_all_jobs_may_end_before_the_batch_is_sealed(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    bench.submit("a", "b", batch=batch)
    bench.drain()
    assert bench.batch(batch).status == "open"
    bench.queue.seal_batch(batch)
    assert bench.batch(batch).status == "completed"


def test_more_jobs_for_a_sealed_batch_keep_it(bench: Bench) -> None:
    bench.submit("older")
    batch = bench.queue.open_batch()
    bench.submit("older", batch=batch)
    bench.queue.seal_batch(batch)
    bench.audit()
    bench.submit("a", batch=batch)
    bench.audit()
    assert numbers(bench, batch) == {"pending": 1, "duplicates": 1}
    bench.drain()
    bench.submit("older", batch=batch)
    bench.audit()
    assert numbers(bench, batch) == {"completed": 1, "duplicates": 2}
    bench.pass_time(31 * 86400)
    assert not list(bench.raw.scan_iter(match="*batch:*"))


def test_a_batch_that_is_never_sealed_is_forgotten_and_its_jobs_are_not(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    first = bench.submit("a", batch=batch)
    bench.pass_time(3000)
    second = bench.submit("b", batch=batch)
    bench.run()
    bench.pass_time(3000)
    assert numbers(bench, batch) == {"pending": 1, "completed": 1}
    bench.pass_time(601)
    assert bench.queue.batch(batch) is None
    assert not bench.queue.seal_batch(batch)
    assert bench.drain() == second
    assert bench.status(first[0]).status == "completed"
    assert not list(bench.raw.scan_iter(match="*batch:*"))


def test_a_sealed_batch_lives_as_long_as_its_jobs(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    bench.submit("a", "b", batch=batch)
    bench.queue.seal_batch(batch)
    bench.run()
    (ticket,) = bench.worker().take(1)
    for _ in range(40):
        bench.pass_time(900)
        bench.worker().beat({ticket.id: (ticket.run, 1)})
        bench.queue.tend()
    bench.worker().settle([done(ticket)])
    assert numbers(bench, batch) == {"completed": 2}
    bench.pass_time(29 * 86400)
    assert bench.queue.batch(batch) is not None
    bench.pass_time(2 * 86400)
    assert bench.queue.batch(batch) is None


def test_a_batch_is_cancelled(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    bench.receipts(*[a_submission(batch=batch) for _ in range(620)])
    bench.queue.seal_batch(batch)
    outsider = bench.submit()[0]
    worker = bench.worker()
    first, second, third = worker.take(3)
    worker.settle([done(first), failed(second)])
    assert bench.queue.cancel_batch(batch) == 619
    assert numbers(bench, batch) == {"pending": 1, "completed": 1, "cancelled": 618}
    assert worker.beat({third.id: (third.run, 1)}) == {third.id: "cancelled"}
    worker.settle([stopped(third)])
    assert bench.batch(batch).status == "completed"
    assert bench.status(outsider).status == "queued"
    assert bench.queue.cancel_batch(batch) == 0


def test_a_job_queued_again_opens_its_batch_again(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    ids = bench.submit("a", "b", batch=batch)
    bench.queue.seal_batch(batch)
    bench.run()
    bench.run(permanent)
    assert bench.batch(batch).status == "completed"
    bench.queue.retry([ids[1]])
    assert numbers(bench, batch) == {"pending": 1, "completed": 1}
    assert bench.batch(batch).status == "processing"
    bench.audit()
    bench.drain()
    assert numbers(bench, batch) == {"completed": 2}
    assert bench.queue.batch_ended(batch, 0) == [ids[0], ids[1], ids[1]]


def test_retries_and_losses_count_once(bench: Bench) -> None:
    batch = bench.queue.open_batch()
    bench.submit("a", batch=batch)
    bench.queue.seal_batch(batch)
    for _ in range(4):
        assert numbers(bench, batch) == {"pending": 1}
        bench.run(failed)
        bench.pass_time(30)
    assert numbers(bench, batch) == {"failed": 1}


def test_an_unknown_batch(bench: Bench) -> None:
    assert bench.queue.batch("unknown") is None
    assert not bench.queue.seal_batch("unknown")
    assert bench.queue.batch_jobs("unknown") == []
    assert bench.queue.cancel_batch("unknown") == 0
    assert bench.raw.dbsize() <= 1


@pytest.mark.parametrize("size", [500, 501, 1000])
def test_a_batch_of_several_chunks(bench: Bench, size: int) -> None:
    batch = bench.queue.open_batch()
    bench.receipts(*[a_submission(batch=batch) for _ in range(size)])
    bench.queue.seal_batch(batch)
    assert numbers(bench, batch) == {"pending": size}
    bench.drain()
    assert numbers(bench, batch) == {"completed": size}
    ended, start = [], 0
    while page := bench.queue.batch_ended(batch, start):
        ended += page
        start += len(page)
    assert sorted(ended) == sorted(bench.queue.batch_jobs(batch, 0, 5000))
