"""``imgflow worker`` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import samples
from command import wait_for

from imgflow.job import Job, Output
from imgflow.queue import FINAL, Queue, Submission, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Done


@pytest.fixture
def queue(one_redis_url: str) -> Iterator[Queue]:
    queue = Queue(connect(one_redis_url))
    yield queue
    queue.client.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--redis"),
        (["--redis", "redis://127.0.0.1:1", "--queues", ","], "--queues"),
        (["--redis", "redis://127.0.0.1:1", "--memory", "much"], "--memory"),
        (["--redis", "redis://127.0.0.1:1", "--concurrency", "0"], "--concurrency"),
        (["--redis", "redis://127.0.0.1:1", "--log-format", "xml"], "--log-format"),
    ],
)
def test_wrong_options(
    here: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.delenv("IMGFLOW_REDIS_URL", raising=False)
    done = here("worker", *options)
    assert done.code == 2
    assert words in done.err


def test_no_server(here: Callable[..., Done]) -> None:
    done = here("worker", "--redis", "redis://127.0.0.1:1")
    assert done.code != 0
    assert "redis://127.0.0.1:1" in done.err
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_images_are_made_until_a_signal_comes(
    queue: Queue, one_redis_url: str, tmp_path: Path
) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    for path in (allowed / "cat.jpg", tmp_path / "secret.jpg"):
        path.write_bytes(samples.encoded(samples.cat(), "JPEG"))

    def submission(source: Path) -> Submission:
        output = Output(path=f"{allowed}/{{stem}}.webp", root=str(allowed))
        job = Job(input=str(source), outputs=(output,), steps=({"op": "resize", "width": 50},))
        return Submission(job=job, id=str(uuid.uuid4()))

    wanted = [submission(allowed / "cat.jpg"), submission(tmp_path / "secret.jpg")]
    good, bad = (receipt.job_id for receipt in queue.submit(wanted))
    log = tmp_path / "log"
    with log.open("wb") as file:
        command = ["worker", "--queues", "default, other", "-c", "1", "--log-format", "json"]
        environment = {"IMGFLOW_REDIS_URL": one_redis_url, "IMGFLOW_ALLOW": str(allowed)}
        process = subprocess.Popen(
            [sys.executable, "-m", "imgflow", *command],
            stdout=file,
            stderr=file,
            env={**os.environ, **environment},
        )
    try:
        wait_for(lambda: all(one and one.status in FINAL for one in queue.status([good, bad])))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    done, refused = queue.status([good, bad])
    assert done is not None
    assert (done.status, done.output) == ("completed", str(allowed / "cat.webp"))
    assert samples.decoded((allowed / "cat.webp").read_bytes()).shape[1] == 50
    assert refused is not None
    assert (refused.status, refused.code, refused.retries) == ("failed", "not-allowed", 0)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    named = {event["event"]: event for event in events}
    assert named["job-completed"]["job_id"] == good
    assert named["job-failed"]["job_id"] == bad
    assert named["worker-started"]["queues"] == "default,other"
    assert all(event["worker"] == done.worker for event in events)
