"""What a submission promises: ids at once, everything unchanged, nothing half done."""

from __future__ import annotations

import json
import os
import threading
import uuid

import pytest
from queues import PATIENT, Bench, a_job, a_submission
from redis import Redis

from imgflow.errors import EncodeError, QueueError, RecipeError, UsageError
from imgflow.job import Output
from imgflow.queue import Queue

#: Numbers that lose digits as floats, odd characters, bytes that look like markup or Lua.
ODD = 'ü 木 🜂 \u2028 "quoted" \\ \x00 \x7f %s {hash} --[[ ]] \n'


def test_ids_come_at_once_and_in_order(bench: Bench) -> None:
    submissions = [a_submission() for _ in range(3)]
    receipts = bench.receipts(*submissions)
    assert [receipt.job_id for receipt in receipts] == [each.id for each in submissions]
    assert {receipt.status for receipt in receipts} == {"queued"}
    assert not any(receipt.duplicate for receipt in receipts)
    status = bench.status(receipts[0].job_id)
    assert (status.status, status.progress, status.priority) == ("queued", 0, "normal")
    assert status.created_at
    assert status.start_by > status.created_at
    assert (status.started_at, status.finished_at, status.worker, status.runs) == ("", "", "", 0)


def test_a_job_comes_out_as_it_went_in(bench: Bench) -> None:
    job = a_job(
        f"{ODD}/b.jpg",
        relative="b.jpg",
        index=2**53 + 1,
        recipe=ODD,
        date="2024-02-29",
        orient=False,
        force=True,
        steps=({"op": "resize", "width": 1234}, {"op": "blur", "sigma": 1.1}),
    )
    (receipt,) = bench.receipts(a_submission(job))
    assert bench.queue.job(receipt.job_id) == job
    (ticket,) = bench.worker().take(1)
    assert ticket.job == job
    assert bench.status(receipt.job_id).input == job.input
    assert bench.status(receipt.job_id).recipe == ODD


def test_long_numbers_are_not_rounded(bench: Bench) -> None:
    """Sidekiq Pro #2478: JSON that passes through cjson loses digits after the 14th."""
    job = a_job(index=9007199254740993)
    (receipt,) = bench.receipts(a_submission(job))
    assert bench.worker().take(1)[0].job.index == 9007199254740993
    assert b"9007199254740993" in bench.raw.hget(bench.queue.key("job:" + receipt.job_id), "i0")


@pytest.mark.parametrize("size", [1, 63, 64, 65, 511, 512, 513, 4096, 1 << 20])
def test_payloads_of_any_size(bench: Bench, size: int) -> None:
    """Short ones are cut into pieces of 64 bytes, at 512 there is an end to that."""
    overhead = len(json.dumps(["", "", 0], separators=(",", ":")))
    name = ("ü" * (max(0, size - overhead) // 2)) + "x" * (max(0, size - overhead) % 2)
    job = a_job(input=name, relative=os.path.basename(name))
    (receipt,) = bench.receipts(a_submission(job))
    fields = bench.entry(receipt.job_id)
    assert ("i" in fields) == (size > 512)
    assert bench.queue.job(receipt.job_id) == job
    assert bench.worker().take(1)[0].job == job


def test_thousands_go_in_by_chunks(bench: Bench) -> None:
    submissions = [a_submission(priority="low") for _ in range(1203)]
    receipts = bench.receipts(*submissions)
    assert [receipt.job_id for receipt in receipts] == [each.id for each in submissions]
    assert bench.queue.stats().depth == {"high": 0, "normal": 0, "low": 1203}
    assert bench.counts() == {"submitted": 1203}
    assert [ticket.id for ticket in bench.worker().take(3)] == [each.id for each in submissions[:3]]


def test_a_recipe_is_stored_once(bench: Bench) -> None:
    ids = bench.submit("a.jpg", "b.jpg", "c.jpg")
    other = bench.receipts(a_submission(a_job("a.jpg", orient=False)))[0].job_id
    recipes = list(bench.raw.scan_iter(match="*recipe:*"))
    assert len(recipes) == 2
    uses = bench.raw.hgetall(bench.queue.key("recipes"))
    assert sorted(uses.values()) == [b"1", b"3"]
    bench.drain()
    assert bench.raw.hgetall(bench.queue.key("recipes")) == {}
    assert all(bench.raw.pttl(key) > 0 for key in recipes)
    assert bench.queue.job(other) != bench.queue.job(ids[0])


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"steps": ({"op": "resize", "widht": 1},)}, RecipeError),
        ({"steps": ({"op": "explode"},)}, RecipeError),
        ({"outputs": (Output(path="{nonsense"),)}, RecipeError),
        ({"outputs": (Output(path="a", steps=({"op": "crop"},)),)}, RecipeError),
        ({"outputs": (Output(path="a", encoder={"format": "jpeg", "quality": 900}),)}, EncodeError),
    ],
)
def test_what_is_not_valid_is_refused_before_anything_is_queued(
    bench: Bench, changes: dict[str, object], kind: type[Exception]
) -> None:
    bad = a_submission(a_job("bad.jpg", **changes))
    with pytest.raises((kind, RecipeError)):
        bench.receipts(a_submission(), bad, a_submission())
    assert bench.raw.dbsize() == 0


def test_a_name_that_is_no_text_is_refused(bench: Bench) -> None:
    """Names of files may be any bytes; those that are no UTF-8 cannot travel as JSON."""
    bad = a_submission(a_job(os.fsdecode(b"caf\xe9.jpg")))
    with pytest.raises(QueueError) as caught:
        bench.receipts(a_submission(), bad)
    assert (caught.value.code, caught.value.retryable) == ("bad-input-name", False)
    assert "caf\\xe9.jpg" in caught.value.message
    assert bench.raw.dbsize() == 0


@pytest.mark.parametrize("job_id", ["", "a b", "a:b", "a\nb", "x" * 65, "ü"])
def test_an_id_that_could_be_taken_apart_wrongly_is_refused(bench: Bench, job_id: str) -> None:
    submission = a_submission()
    bad = submission.__class__(job=submission.job, id=job_id)
    with pytest.raises(QueueError) as caught:
        bench.receipts(bad)
    assert caught.value.code == "bad-job-id"
    assert bench.raw.dbsize() == 0


def test_the_same_submission_again_is_the_same_job(bench: Bench) -> None:
    """A client that heard no answer repeats: also for what has been done meanwhile."""
    submission = a_submission(dedupe=False)
    first, second = bench.receipts(submission, submission)
    assert first == second
    assert not second.duplicate
    bench.run()
    (third,) = bench.receipts(submission)
    assert (third.job_id, third.status, third.duplicate) == (submission.id, "completed", False)
    assert bench.counts() == {"submitted": 1, "completed": 1}


def test_nothing_submitted_is_nothing_done(bench: Bench) -> None:
    assert bench.queue.submit([]) == []
    assert bench.queue.status([]) == []
    assert bench.queue.retry([]) == []
    assert bench.queue.cancel_all([]) == 0
    assert bench.raw.dbsize() == 0


def test_unknown_ids_are_not_known(bench: Bench) -> None:
    nobody = str(uuid.uuid4())
    assert bench.queue.status([nobody, bench.submit()[0]])[0] is None
    assert bench.queue.job(nobody) is None
    assert bench.queue.cancel(nobody) is None
    assert bench.queue.results([nobody]) == [None]


def test_an_unknown_batch_is_refused(bench: Bench) -> None:
    with pytest.raises(QueueError) as caught:
        bench.submit(batch="nowhere")
    assert caught.value.code == "batch-unknown"
    assert bench.raw.dbsize() == 0


@pytest.mark.parametrize("name", ["", "a b", "a}b", "{a", "x" * 65, "a\n", "a:b"])
def test_names_of_queues(one_bench: Bench, name: str) -> None:
    with pytest.raises(UsageError):
        Queue(one_bench.queue.client, name)


def test_queues_do_not_see_each_other(bench: Bench) -> None:
    other = bench.another(PATIENT, "other")
    submission = a_submission("same.jpg")
    bench.receipts(submission)
    (receipt,) = other.submit([a_submission("same.jpg")])
    assert not receipt.duplicate
    assert other.status([submission.id]) == [None]
    assert [ticket.id for ticket in bench.worker(queue=other).take(9)] == [receipt.job_id]
    assert other.cancel(submission.id) is None
    assert bench.queue.stats().depth["normal"] == 1
    assert other.stats().depth["normal"] == 0
    bench.pass_time(5000)
    bench.queue.tend()
    assert other.stats().counts["lost"] == 0


def test_every_key_has_the_hash_tag_of_its_queue(bench: Bench) -> None:
    """Else a cluster would keep them apart."""
    batch = bench.queue.open_batch()
    bench.submit("a.jpg", "a.jpg", "b.jpg", batch=batch, webhook="https://example.com/")
    bench.queue.seal_batch(batch)
    bench.run()
    bench.queue.remember("tenant", "key", "digest")
    keys = [key.decode() for key in bench.raw.scan_iter()]
    assert len(keys) > 12
    assert [key for key in keys if not key.startswith("{imgflow:default}:")] == []


def test_many_threads_share_a_queue(bench: Bench) -> None:
    receipts: list[str] = []

    def work() -> None:
        for _ in range(10):
            receipts.extend(bench.submit())
            bench.queue.stats()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(receipts)) == 60
    assert sorted(bench.drain()) == sorted(receipts)


def test_receipts_wait_for_the_disk_where_asked_for(bench: Bench) -> None:
    if "valkey_version" not in Redis.info(bench.raw, "server"):
        with pytest.raises(QueueError) as caught:
            bench.another(fsync=True)
        assert caught.value.code == "queue-unsupported"
        return
    durable = bench.another(fsync=True)
    assert durable.submit([a_submission("a.jpg")])[0].status == "queued"
    bench.raw.script_flush()
    assert durable.submit([a_submission("a.jpg")])[0].duplicate
