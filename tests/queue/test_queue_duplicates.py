"""Two submissions that ask for the same are one job, for as long as that is true."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from queues import Bench, a_job, a_submission, done, failed, permanent, stopped

from imgflow.job import Job, Output
from imgflow.queue import Policy, Receipt


def again(bench: Bench, **changes: Any) -> Receipt:
    (receipt,) = bench.receipts(a_submission("a.jpg", **changes))
    return receipt


def test_the_older_job_answers(bench: Bench) -> None:
    first, second = bench.receipts(a_submission("a.jpg"), a_submission("a.jpg"))
    assert (second.job_id, second.duplicate, second.status) == (first.job_id, True, "queued")
    (ticket,) = bench.worker().take(5)
    third = again(bench)
    assert (third.job_id, third.duplicate, third.status) == (first.job_id, True, "processing")
    assert bench.worker().settle([failed(ticket)]) == [True]
    assert again(bench).duplicate, "it waits for its retry"
    assert bench.counts() == {"submitted": 1, "duplicates": 3, "retried": 1}


def test_it_answers_for_a_while_after_its_completion(bench: Bench) -> None:
    (first,) = bench.submit("a.jpg")
    bench.run()
    bench.pass_time(3500)
    receipt = again(bench)
    assert (receipt.job_id, receipt.duplicate, receipt.status) == (first, True, "completed")
    bench.pass_time(150)
    fresh = again(bench)
    assert not fresh.duplicate
    assert again(bench).job_id == fresh.job_id


def test_each_submission_has_its_own_window(bench: Bench) -> None:
    again(bench, dedupe_window=0)
    bench.run()
    assert not again(bench, dedupe_window=10.0).duplicate
    bench.run()
    assert again(bench).duplicate
    bench.pass_time(11)
    assert not again(bench, dedupe_window=1e9).duplicate
    bench.run()
    bench.pass_time(86000)
    assert again(bench).duplicate
    bench.pass_time(500)
    assert not again(bench).duplicate, "no window is longer than the result is kept"


def test_who_wants_no_duplicates_found_gets_none(bench: Bench) -> None:
    assert not again(bench).duplicate
    assert not again(bench, dedupe=False).duplicate
    forced = bench.receipts(a_submission(a_job("a.jpg", force=True)))[0]
    assert not forced.duplicate
    assert len(bench.drain()) == 3


@pytest.mark.parametrize("end", ["failed", "cancelled", "cancelled at work", "expired"])
def test_a_job_that_ended_without_its_result_frees_the_way(bench: Bench, end: str) -> None:
    """bullmq#4311: the key was never cleared, and the job could never be queued again."""
    first = again(bench)
    if end == "failed":
        bench.run(permanent)
    elif end == "cancelled":
        bench.queue.cancel(first.job_id)
    elif end == "cancelled at work":
        (ticket,) = bench.worker().take(1)
        bench.queue.cancel(first.job_id)
        bench.worker().settle([stopped(ticket)])
    else:
        bench.pass_time(90000)
        bench.queue.tend()
    assert bench.status(first.job_id).status == end.partition(" ")[0]
    second = again(bench)
    assert not second.duplicate
    assert again(bench).job_id == second.job_id


def test_a_job_past_its_time_does_not_answer_even_before_anybody_looked(bench: Bench) -> None:
    first = again(bench)
    bench.pass_time(90000)
    second = again(bench)
    assert not second.duplicate
    assert bench.status(first.job_id).status == "expired"
    assert bench.drain() == [second.job_id]


def test_a_job_that_is_being_cancelled_does_not_answer(bench: Bench) -> None:
    first = again(bench)
    (ticket,) = bench.worker().take(1)
    bench.queue.cancel(first.job_id)
    second = again(bench)
    assert not second.duplicate
    bench.worker().settle([stopped(ticket)])
    assert again(bench).job_id == second.job_id


def test_the_id_of_a_job_that_is_gone_does_not_answer(bench: Bench) -> None:
    """bullmq#977, #1171: what was left of a removed job blocked its successor."""
    first = again(bench)
    bench.run()
    bench.raw.delete(bench.queue.key("job:" + first.job_id))
    second = again(bench)
    assert not second.duplicate


def test_late_news_of_a_removed_job_leaves_nothing_behind(bench: Bench) -> None:
    """bullmq#977, #1171: a late progress update made a half-dead hash of a removed job."""
    first = again(bench)
    worker = bench.worker()
    (ticket,) = worker.take(1)
    for name in ("job:" + first.job_id, "leases", "inprogress", "recipes"):
        bench.raw.delete(bench.queue.key(name))
    assert worker.beat({ticket.id: (ticket.run, 50)}) == {ticket.id: "lost"}
    assert worker.settle([permanent(ticket)]) == [False]
    assert worker.release([ticket]) == 0
    assert bench.queue.cancel(first.job_id) is None
    assert bench.entry(first.job_id) == {}
    assert not again(bench).duplicate


def test_the_end_of_one_job_frees_nobody_elses_key(bench: Bench) -> None:
    """bullmq#3232, #3236: removing one job freed the key that another one held by then."""
    first = again(bench)
    (ticket,) = bench.worker().take(1)
    bench.queue.cancel(first.job_id)
    second = again(bench)
    bench.worker().settle([stopped(ticket)])
    assert again(bench).job_id == second.job_id
    bench.run()
    bench.pass_time(3700)
    third = again(bench)
    bench.queue.cancel(second.job_id)
    assert again(bench).job_id == third.job_id


def test_many_at_once_are_one_job(bench: Bench) -> None:
    for turn in range(5):
        start = threading.Barrier(8)
        receipts: list[Receipt] = []

        def work(name: str, start: threading.Barrier, receipts: list[Receipt]) -> None:
            submission = a_submission(name)
            start.wait()
            receipts.extend(bench.queue.submit([submission]))

        names = (f"{turn}.jpg",) * 8
        threads = [threading.Thread(target=work, args=(n, start, receipts)) for n in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(receipts) == 8
        assert len({receipt.job_id for receipt in receipts}) == 1
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert len(bench.drain()) == 5


SAME = [
    ({"steps": ({"width": 800, "op": "resize"},)}, "keys in another order"),
    ({"recipe": "other"}, "the recipe's name, where no path holds it"),
    ({"date": "2020-01-01"}, "the day, where no path holds it"),
    ({"index": 7}, "the number, where no path holds it"),
    ({"outputs": (Output(path="out/{stem}.jpg", metadata="copyright"),)}, "a default policy"),
    ({"outputs": (Output(path="out/{stem}.jpg", name="small"),)}, "the name of an output"),
]
OTHER = [
    ({"steps": ({"op": "resize", "width": 801},)}, "another width"),
    ({"steps": ({"op": "resize", "width": 800}, {"op": "flip"})}, "one step more"),
    ({"orient": False}, "not turned upright"),
    ({"outputs": (Output(path="other/{stem}.jpg"),)}, "another path"),
    ({"outputs": (Output(path="out/{stem}.jpg", metadata="none"),)}, "another policy"),
    ({"outputs": (Output(path="out/{stem}.jpg", root="/srv"),)}, "another root"),
    ({"outputs": (Output(path="out/{stem}.jpg", encoder={"format": "webp"}),)}, "a format"),
    ({"relative": "sub/a.jpg"}, "another place below the folder"),
]


@pytest.mark.parametrize(("changes", "what"), SAME, ids=[what for _, what in SAME])
def test_what_makes_no_difference(one_bench: Bench, changes: dict[str, Any], what: str) -> None:
    again(one_bench)
    (receipt,) = one_bench.receipts(a_submission(a_job("a.jpg", **changes)))
    assert receipt.duplicate, what


def test_defaults_spelled_out_make_no_difference(one_bench: Bench) -> None:
    def job(sigma: float, encoder: dict[str, Any], step: dict[str, Any]) -> Job:
        blur = {"op": "blur", "sigma": sigma}
        output = Output(path="out/{stem}.jpg", encoder={"format": "jpeg", **encoder}, steps=(blur,))
        steps = ({"op": "resize", "width": 800, **step},)
        return a_job("a.jpg", outputs=(output,), steps=steps)

    plain = job(2, {}, {})
    spelled = job(2.0, {"quality": 85, "effort": "balanced"}, {})
    longer = job(2, {}, {"linear": False, "preserve_aspect": False})
    receipts = one_bench.receipts(*map(a_submission, (plain, spelled, longer)))
    assert [receipt.duplicate for receipt in receipts] == [False, True, True]


@pytest.mark.parametrize(("changes", "what"), OTHER, ids=[what for _, what in OTHER])
def test_what_makes_a_difference(one_bench: Bench, changes: dict[str, Any], what: str) -> None:
    again(one_bench)
    (receipt,) = one_bench.receipts(a_submission(a_job("a.jpg", **changes)))
    assert not receipt.duplicate, what


@pytest.mark.parametrize("field", ["index", "date", "recipe"])
def test_what_a_path_holds_makes_a_difference(one_bench: Bench, field: str) -> None:
    outputs = (Output(path=f"out/{{{field}}}.jpg"),)
    values: list[dict[str, Any]] = [
        {"index": 1, "date": "2020-01-01", "recipe": "one"},
        {"index": 2, "date": "2020-01-02", "recipe": "two"},
    ]
    jobs = [a_job("a.jpg", outputs=outputs, **{field: each[field]}) for each in values]
    first, second, third = one_bench.receipts(*map(a_submission, [*jobs, jobs[0]]))
    assert not second.duplicate
    assert third.job_id == first.job_id


def test_new_content_is_another_source(one_bench: Bench) -> None:
    again(one_bench, version="etag-1")
    assert again(one_bench, version="etag-1").duplicate
    assert not again(one_bench, version="etag-2").duplicate
    assert not again(one_bench).duplicate


def test_priorities_do_not_make_two_jobs_of_one(one_bench: Bench) -> None:
    again(one_bench, priority="low")
    assert again(one_bench, priority="high").duplicate


def test_results_that_are_not_kept_answer_for_nothing(one_bench: Bench) -> None:
    queue = one_bench.another(Policy(results_ttl=0, dead_ttl=0), "brief")
    (first,) = queue.submit([a_submission("a.jpg")])
    (ticket,) = one_bench.worker(queue=queue).take(1)
    assert one_bench.worker(queue=queue).settle([done(ticket)]) == [True]
    assert queue.status([first.job_id]) == [None]
    assert not queue.submit([a_submission("a.jpg")])[0].duplicate
