"""A worker command tells who asked of the end of a job."""

from __future__ import annotations

import base64
import json
import signal
import uuid
from pathlib import Path

import pytest
import samples
import web
from command import start, wait_for
from standardwebhooks import Webhook

from imgflow.job import Job, Output
from imgflow.queue import Queue, Submission, connect

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.mark.slow
def test_the_end_of_a_job_is_posted_and_signed(
    one_redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(samples.encoded(samples.cat(), "PNG"))
    with web.serve(lambda *_: web.Answer(204)) as site:
        monkeypatch.setenv("IMGFLOW_REDIS_URL", one_redis_url)
        monkeypatch.setenv("IMGFLOW_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("IMGFLOW_WEBHOOKS", site.url)
        process = start("worker", "--concurrency", "1")
        try:
            output = Output(path=f"{tmp_path}/{{stem}}.webp", root=str(tmp_path))
            job = Job(input=str(photo), outputs=(output,))
            wanted = Submission(job=job, id=str(uuid.uuid4()), webhook=site.url + "/hook")
            Queue(connect(one_redis_url)).submit([wanted])
            (request,) = wait_for(lambda: site.requests, seconds=60)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    message = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert message == json.loads(request.body)
    assert message["type"] == "job.completed"
    assert message["data"]["job_id"] == wanted.id
    assert process.returncode == 0
