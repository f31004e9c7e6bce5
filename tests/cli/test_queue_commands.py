"""``imgflow run --queue``, ``imgflow jobs`` and ``imgflow queue``, on a real server."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import Done, imgflow, start, wait_for

from imgflow.execute import execute
from imgflow.job import Failure, Job, Output, Result
from imgflow.queue import Claims, Outcome, Policy, Queue, Submission, connect
from imgflow.storage import LocalStorage

Here = Callable[..., Done]


@pytest.fixture
def queue(one_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setenv("IMGFLOW_REDIS_URL", one_redis_url)
    return Queue(connect(one_redis_url), "default", Policy())


@pytest.fixture
def worker(queue: Queue) -> Iterator[None]:
    """A worker that does its jobs in a thread."""
    done = threading.Event()

    def work() -> None:
        claims, storage = Claims(queue, "thread", 1), LocalStorage()
        while not done.is_set():
            for ticket in claims.take(1):
                result = execute(ticket.job, storage)
                claims.settle([Outcome(ticket=ticket, result=result)])
            done.wait(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    done.set()
    thread.join()


def submitted(queue: Queue, count: int = 1, **more: Any) -> list[str]:
    jobs = [
        Job(input=f"/photos/{index}.jpg", outputs=(Output(path="/out/{stem}.webp"),), recipe="r")
        for index in range(count)
    ]
    wanted = [Submission(job=job, id=str(uuid.uuid4()), **more) for job in jobs]
    return [receipt.job_id for receipt in queue.submit(wanted)]


def fail_all(queue: Queue, *, code: str = "source-broken") -> None:
    claims = Claims(queue, "w", 1)
    failure = Failure(code=code, message="it is broken")
    for ticket in claims.take(100):
        result = Result(status="failed", input=ticket.job.input, error=failure)
        claims.settle([Outcome(ticket=ticket, result=result)])


@pytest.mark.usefixtures("folder", "worker")
def test_a_run_through_the_queue_makes_the_same_files(here: Here) -> None:
    assert here("run", "recipe.yaml", "photos", "--out", "local").code == 0
    done = here("run", "recipe.yaml", "photos", "--out", "queued", "--queue", "default")
    assert done.code == 0
    assert "4 images in" in done.out
    assert "[4/4]" in done.err
    local = {path.relative_to("local"): path.read_bytes() for path in Path("local").rglob("*.*")}
    queued = {path.relative_to("queued"): path.read_bytes() for path in Path("queued").rglob("*.*")}
    assert len(local) == 4
    assert queued == local


@pytest.mark.usefixtures("worker", "folder")
def test_failures_and_the_exit_code_are_those_of_a_local_run(here: Here) -> None:
    Path("photos/broken.jpg").write_bytes(b"no image")
    done = here("run", "recipe.yaml", "photos", "--queue", "default", "--json")
    assert done.code == 3
    results = done.lines
    assert sorted(result["status"] for result in results) == ["completed"] * 4 + ["failed"]
    again = here("run", "recipe.yaml", "photos/broken.jpg", "--queue", "default")
    assert again.code == 3
    assert "broken.jpg" in again.err
    assert "imgflow run recipe.yaml" in again.err


@pytest.mark.usefixtures("folder")
def test_detached_then_followed(queue: Queue, here: Here, request: pytest.FixtureRequest) -> None:
    done = here("run", "recipe.yaml", "photos", "--queue", "default", "--detach", "--json")
    sent = json.loads(done.out)
    assert (done.code, sent["jobs"], sent["duplicates"]) == (0, 4, 0)
    again = here("run", "recipe.yaml", "photos", "--queue", "default", "--detach")
    assert "queued 4 images, 4 of them known already" in again.out
    batch = queue.batch(sent["batch_id"])
    assert batch is not None
    assert (batch.status, batch.pending) == ("processing", 4)
    request.getfixturevalue("worker")
    watched = here("jobs", "watch", sent["batch_id"])
    assert (watched.code, "4 images in" in watched.out) == (0, True)
    second = again.out.split("imgflow jobs watch ")[1].split()[0]
    assert here("jobs", "watch", second, "--json").out.count('"completed"') == 4


@pytest.mark.usefixtures("folder", "worker")
def test_forced_runs_are_no_duplicates(here: Here) -> None:
    for _ in range(2):
        done = here("run", "recipe.yaml", "photos", "--queue", "default", "--force", "--json")
        assert (done.code, len(done.lines)) == (0, 4)


@pytest.mark.usefixtures("folder")
def test_a_changed_file_is_no_duplicate(queue: Queue, here: Here) -> None:
    here("run", "recipe.yaml", "photos", "--queue", "default", "--detach")
    os.utime("photos/cup.jpg", ns=(1, 1))
    done = here("run", "recipe.yaml", "photos", "--queue", "default", "--detach", "--json")
    assert json.loads(done.out)["duplicates"] == 3
    assert queue.stats().depth["normal"] == 5


@pytest.mark.usefixtures("folder")
def test_priority(queue: Queue, here: Here) -> None:
    here("run", "recipe.yaml", "photos", "--queue", "default", "--detach", "--priority", "low")
    assert queue.stats().depth == {"high": 0, "normal": 0, "low": 4}


@pytest.mark.usefixtures("folder")
def test_time_to_start(queue: Queue, here: Here) -> None:
    here("run", "recipe.yaml", "photos", "--queue", "default", "--detach", "--ttl", "0")
    time.sleep(0.01)
    assert Claims(queue, "w", 1).take(9) == []
    assert queue.stats().counts["expired"] == 4


@pytest.mark.slow
def test_ctrl_c_detaches(folder: Path, queue: Queue) -> None:
    process = start("run", "recipe.yaml", "photos", "--queue", "default")
    wait_for(lambda: queue.stats().counts["submitted"] == 4)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "detached, the jobs go on; follow with: imgflow jobs watch" in err
    assert "Traceback" not in err
    assert queue.stats().depth["normal"] == 4
    assert folder.joinpath("dist").exists() is False


@pytest.mark.usefixtures("folder")
def test_ctrl_c_while_submitting(queue: Queue, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    from imgflow.recipe import Jobs

    every = Jobs.versioned

    def two(self: Jobs) -> Iterator[tuple[Job, str]]:
        yield from itertools.islice(every(self), 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(Jobs, "versioned", two)
    done = here("run", "recipe.yaml", "photos", "--queue", "default")
    assert done.code == 130
    told = re.search(r"detached, .*: imgflow jobs watch (\S+)", done.err)
    assert told is not None
    batch = queue.batch(told[1])
    assert batch is not None
    assert batch.status != "open"


@pytest.mark.usefixtures("folder", "queue")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--queue", "default", "--jobs", "2"], "--jobs does not go with --queue"),
        (["--queue", "default", "--timeout", "3"], "--timeout does not go with --queue"),
        (["--detach"], "--detach needs --queue"),
        (["--priority", "high"], "--priority needs --queue"),
        (["--ttl", "7d"], "--ttl needs --queue"),
        (["--queue", "default", "--ttl", "soon"], "--ttl: expected a duration like"),
        (["--queue", "default", "--priority", "top"], "expected one of high, normal, low"),
        (["--queue", "http://x"], "expected the URL of a Redis server"),
        (["--queue", "redis://127.0.0.1:1/0"], "expected a Redis server that answers"),
        (["--queue", "a b"], "expected a name of letters"),
    ],
)
def test_mistakes(here: Here, arguments: list[str], message: str) -> None:
    done = here("run", "recipe.yaml", "photos", *arguments)
    assert done.code in (2, 3)
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.usefixtures("folder")
def test_no_queue_is_named(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMGFLOW_REDIS_URL", raising=False)
    done = here("queue", "stats")
    assert done.code == 2
    assert "IMGFLOW_REDIS_URL" in done.err


def test_passwords_are_not_repeated(folder: Path) -> None:
    done = imgflow("run", "recipe.yaml", "photos", "--queue", "redis://:secret@127.0.0.1:1/0")
    assert done.code == 3
    assert "secret" not in done.out + done.err
    assert folder.exists()


def test_status_of_a_failed_job(queue: Queue, here: Here) -> None:
    (job_id,) = submitted(queue)
    fail_all(queue)
    done = here("jobs", "status", job_id)
    assert done.code == 0
    for words in (job_id, "failed, 0 %", "/photos/0.jpg", "it is broken", "[source-broken]"):
        assert words in done.out
    status = json.loads(here("jobs", "status", job_id, "--json").out)
    assert (status["job_id"], status["status"], status["runs"]) == (job_id, "failed", 1)


def test_show_gives_the_job_as_it_was_queued(queue: Queue, here: Here) -> None:
    (job_id,) = submitted(queue)
    job = json.loads(here("jobs", "show", job_id, "--json").out)
    assert job["input"] == "/photos/0.jpg"
    assert job["outputs"] == [{"path": "/out/{stem}.webp"}]
    assert '"/photos/0.jpg"' in here("jobs", "show", job_id).out


@pytest.mark.parametrize("command", ["status", "show", "cancel", "retry", "watch"])
def test_unknown_ids(queue: Queue, here: Here, command: str) -> None:
    done = here("jobs", command, "no-such-id")
    assert done.code == 3
    assert done.err.startswith("no-such-id: expected a")
    assert queue.stats().counts["submitted"] == 0


def test_failed_lists_and_filters(queue: Queue, here: Here) -> None:
    assert "no failed jobs" in here("jobs", "failed").out
    submitted(queue, 2)
    fail_all(queue)
    submitted(queue, 1)
    fail_all(queue, code="source-missing")
    assert len(here("jobs", "failed", "--json").lines) == 3
    (only,) = here("jobs", "failed", "--code", "source-missing", "--json").lines
    assert only["input"] == "/photos/0.jpg"
    assert len(here("jobs", "failed", "--limit", "2", "--json").lines) == 2
    assert here("jobs", "failed", "--recipe", "r").out.count("it is broken") == 3
    assert here("jobs", "failed", "--recipe", "other", "--json").out == ""


def test_retry_one_many_and_all(queue: Queue, here: Here) -> None:
    ids = submitted(queue, 5)
    fail_all(queue)
    assert here("jobs", "retry", ids[0]).out == "queued 1 job again\n"
    assert json.loads(here("jobs", "retry", *ids[1:3], "--json").out) == {"retried": 2}
    assert here("jobs", "retry", "--code", "other").out == "queued 0 jobs again\n"
    assert here("jobs", "retry", "--all").out == "queued 2 jobs again\n"
    assert queue.stats().depth["normal"] == 5
    assert here("jobs", "retry", ids[0]).code == 3
    for wrong in ([], [ids[0], "--all"]):
        assert here("jobs", "retry", *wrong).code == 2


def test_retry_all_passes_over_what_a_newer_job_does(queue: Queue, here: Here) -> None:
    submitted(queue)
    fail_all(queue)
    submitted(queue)
    assert here("jobs", "retry", "--all").out == "queued 0 jobs again\n"


def test_cancel_jobs_and_batches(queue: Queue, here: Here) -> None:
    ids = submitted(queue, 2)
    assert here("jobs", "cancel", ids[0]).out == "cancelled 1 job\n"
    batch = queue.open_batch("r")
    submitted(queue, 3, batch=batch, dedupe=False)
    queue.seal_batch(batch)
    assert here("jobs", "cancel", "--batch", batch).out == "cancelled 3 jobs\n"
    states = [status.status for status in queue.status(ids) if status]
    assert states == ["cancelled", "queued"]
    assert here("jobs", "cancel").code == 2


def test_queue_stats(queue: Queue, here: Here) -> None:
    submitted(queue, 3)
    Claims(queue, "w-1", 4).take(1)
    done = here("queue", "stats")
    assert "0 high, 2 normal, 0 low" in done.out
    assert "w-1, 4 at once" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    stats = json.loads(here("queue", "stats", "--json").out)
    assert (stats["processing"], stats["counts"]["submitted"]) == (1, 3)


def test_queues_by_name(queue: Queue, here: Here, one_redis_url: str) -> None:
    submitted(Queue(queue.client, "thumbs"), 2)
    for name in ("thumbs", f"{one_redis_url}#thumbs"):
        stats = json.loads(here("queue", "stats", "--queue", name, "--json").out)
        assert (stats["queue"], stats["depth"]["normal"]) == ("thumbs", 2)
