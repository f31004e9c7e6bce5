"""Deliveries to a real receiver, from a queue on a real server."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import web
from standardwebhooks import Webhook

from imgflow.errors import QueueError, StorageError, UsageError
from imgflow.guard import Bounds
from imgflow.job import Failure, Job, Output, Result
from imgflow.queue import Claims, Event, JobStatus, Outcome, Queue, Submission, connect
from imgflow.webhooks import Courier, check_webhook, read_secrets, receivers
from imgflow.webhooks.courier import SCHEDULE

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
SECRETS = read_secrets(SECRET)


class Outbox:
    """An outbox that hands out what it is given, and tells what became of it."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)
        self.done: list[str] = []
        self.again: dict[str, float] = {}

    def due_events(self, limit: int = 10) -> list[Event]:
        due, self.events = self.events[:limit], self.events[limit:]
        return due

    def event_done(self, event_id: str) -> None:
        self.done.append(event_id)

    def event_again(self, event_id: str, delay: float) -> None:
        self.again[event_id] = delay

    def wait_for_events(self, seconds: float) -> None:
        pass

    def status(self, ids: Sequence[str]) -> list[JobStatus | None]:
        return [None for _ in ids]


def event(url: str, tries: int = 0, name: str = "e") -> Event:
    return Event(name, "job", "completed", 1_700_000_000_000, tries, url)


def deliver(outbox: Outbox, site: web.Site, **bounds: float) -> int:
    limits = Bounds(redirects=0, **bounds)  # type: ignore[arg-type]
    return Courier(outbox, receivers([site.url]), SECRETS, bounds=limits).deliver_due()


def answering(status: int, **headers: str) -> web.Behaviour:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda *_: web.Answer(status, b"ok", named)


@pytest.fixture
def queue(one_redis_url: str) -> Iterator[Queue]:
    client = connect(one_redis_url)
    yield Queue(client)
    client.close()


def end(queue: Queue, url: str, error: Failure | None = None) -> str:
    """Queue a job with a webhook, and work on it."""
    job = Job(input="/in/cat.jpg", outputs=(Output(path="/out/cat.webp"),))
    job_id = str(uuid.uuid4())
    queue.submit([Submission(job=job, id=job_id, webhook=url)])
    claims = Claims(queue, "worker", 1)
    (ticket,) = claims.take(1)
    state = "failed" if error else "completed"
    result = Result(status=state, input=job.input, error=error)  # type: ignore[arg-type]
    assert claims.settle([Outcome(ticket=ticket, result=result)]) == [True]
    return job_id


def test_the_end_of_a_job_is_told(queue: Queue) -> None:
    with web.serve(answering(204)) as site:
        job_id = end(queue, f"{site.url}/hook?x=1")
        courier = Courier(queue, receivers([site.url]), SECRETS)
        assert courier.deliver_due() == 1
        assert courier.deliver_due() == 0
        (request,) = site.requests
    message = Webhook(SECRET).verify(request.body, request.headers)
    assert message["type"] == "job.completed"
    assert message["data"]["job_id"] == job_id
    assert message["data"]["status"] == "completed"
    assert message["data"]["input"] == "/in/cat.jpg"
    assert message["timestamp"] == message["data"]["finished_at"]
    assert request.path == "/hook?x=1"
    assert request.headers["content-type"] == "application/json"


def test_a_failure_is_told_with_its_reason(queue: Queue) -> None:
    with web.serve(answering(200)) as site:
        end(queue, site.url, Failure(code="source-invalid", message="damaged"))
        assert Courier(queue, receivers([site.url]), SECRETS).deliver_due() == 1
    message = json.loads(site.requests[0].body)
    assert message["type"] == "job.failed"
    assert (message["data"]["code"], message["data"]["error"]) == ("source-invalid", "damaged")


def test_what_was_told_stays_true_when_the_job_is_retried(queue: Queue) -> None:
    with web.serve(answering(200)) as site:
        job_id = end(queue, site.url, Failure(code="source-invalid", message="damaged"))
        queue.retry([job_id])
        assert Courier(queue, receivers([site.url]), SECRETS).deliver_due() == 1
    message = json.loads(site.requests[0].body)
    assert message["type"] == "job.failed"
    assert message["data"] == {"job_id": job_id, "status": "failed"}


def test_an_event_comes_again_under_the_same_id_until_it_is_received(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgflow.webhooks.courier.SCHEDULE", (0.0, 0.0, 0.0))
    answers = iter([500, 302, 200])
    with web.serve(lambda *_: web.Answer(next(answers))) as site:
        end(queue, site.url)
        courier = Courier(queue, receivers([site.url]), SECRETS)
        assert [courier.deliver_due() for _ in range(4)] == [0, 0, 1, 0]
    ids = {
        Webhook(SECRET).verify(one.body, one.headers) and one.headers["webhook-id"]
        for one in site.requests
    }
    assert (len(site.requests), len(ids)) == (3, 1)
    assert "." not in ids.pop()


def test_run_delivers_until_it_is_stopped(queue: Queue) -> None:
    arrived = threading.Event()

    def answer(*_: object) -> web.Answer:
        arrived.set()
        return web.Answer(200)

    with web.serve(answer) as site:
        courier = Courier(queue, receivers([site.url]), SECRETS)
        thread = threading.Thread(target=courier.run)
        thread.start()
        end(queue, site.url)
        assert arrived.wait(60)
        courier.stop()
        thread.join(60)
        assert not thread.is_alive()


def test_a_worker_delivers(one_redis_url: str, queue: Queue, tmp_path: Path) -> None:
    arrived = threading.Event()

    def answer(*_: object) -> web.Answer:
        arrived.set()
        return web.Answer(200)

    with web.serve(answer) as site:
        job = Job(input=f"{tmp_path}/none.jpg", outputs=(Output(path=f"{tmp_path}/out.webp"),))
        job_id = str(uuid.uuid4())
        queue.submit([Submission(job=job, id=job_id, webhook=site.url)])
        environment = {
            **os.environ,
            "IMGFLOW_REDIS_URL": one_redis_url,
            "IMGFLOW_WEBHOOK_SECRET": SECRET,
            "IMGFLOW_WEBHOOKS": site.url,
        }
        command = [sys.executable, "-P", "-m", "imgflow", "worker", "--concurrency", "1"]
        worker = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        try:
            assert arrived.wait(60)
        finally:
            worker.terminate()
            worker.communicate(timeout=60)
        (request,) = site.requests
    message = Webhook(SECRET).verify(request.body, request.headers)
    assert message["data"]["job_id"] == job_id
    assert message["data"]["code"] == "source-missing"


def test_run_outlives_the_queue_being_away(caplog: pytest.LogCaptureFixture) -> None:
    class Away(Outbox):
        def wait_for_events(self, seconds: float) -> None:  # noqa: ARG002
            courier.stop()
            raise QueueError("away")

    courier = Courier(Away(), receivers(), SECRETS)
    courier.run()
    assert "away" in caplog.text


@pytest.mark.parametrize("status", [301, 307, 400, 404, 429, 500, 503])
def test_other_answers_are_tried_again(status: int) -> None:
    with web.serve(answering(status, Location="http://127.0.0.1:1/")) as site:
        outbox = Outbox(event(site.url))
        assert deliver(outbox, site) == 0
        assert len(site.requests) == 1
    assert SCHEDULE[0] <= outbox.again["e"] <= SCHEDULE[0] * 1.1
    assert outbox.done == []


def test_the_receiver_may_ask_for_more_time() -> None:
    with web.serve(answering(503, Retry_After="120")) as site:
        outbox = Outbox(event(site.url))
        deliver(outbox, site)
    assert outbox.again == {"e": 120}


def test_gone_is_the_end() -> None:
    with web.serve(answering(410)) as site:
        outbox = Outbox(event(site.url))
        deliver(outbox, site)
    assert (outbox.done, outbox.again) == (["e"], {})


def test_the_schedule_has_an_end() -> None:
    with web.serve(answering(500)) as site:
        for tries, delay in enumerate(SCHEDULE):
            outbox = Outbox(event(site.url, tries))
            deliver(outbox, site)
            assert delay <= outbox.again["e"] <= delay * 1.1
        outbox = Outbox(event(site.url, len(SCHEDULE)))
        deliver(outbox, site)
        assert (outbox.done, outbox.again) == (["e"], {})


def test_nobody_there_is_tried_again() -> None:
    with web.serve(answering(200)) as site:
        pass
    outbox = Outbox(event(site.url))
    assert deliver(outbox, site) == 0
    assert list(outbox.again) == ["e"]


def test_slow_receivers_are_left_alone_and_keep_nobody_waiting() -> None:
    done = threading.Event()

    def sleep(_: web.Request, __: BaseHTTPRequestHandler) -> web.Answer:
        done.wait(60)
        return web.Answer(200)

    with web.serve(sleep) as slow, web.serve(answering(200)) as quick:
        outbox = Outbox(*[event(slow.url, name=f"s{n}") for n in range(8)])
        courier = Courier(
            outbox, receivers([slow.url, quick.url]), SECRETS, bounds=Bounds(total=0.3)
        )
        assert courier.deliver_due() == 0
        assert len(outbox.again) == 8
        outbox.events = [event(slow.url), event(quick.url, name="q"), event(slow.url)]
        assert courier.deliver_due() == 1
        assert outbox.done == ["q"]
        # The others were let lie: the outbox hands them out again.
        assert len(slow.requests) == 8
        assert "e" not in outbox.again
        done.set()


def test_private_receivers_are_refused_for_good(caplog: pytest.LogCaptureFixture) -> None:
    with web.serve(answering(200)) as site:
        outbox = Outbox(event(site.url))
        assert Courier(outbox, receivers(), SECRETS).deliver_due() == 0
        assert site.requests == []
    assert outbox.done == ["e"]
    assert "expected a place that IMGFLOW_WEBHOOKS allows" in caplog.text


def test_urls_that_are_none_are_given_up() -> None:
    outbox = Outbox(event("https://["), event("", name="f"))
    assert Courier(outbox, receivers(), SECRETS).deliver_due() == 0
    assert sorted(outbox.done) == ["e", "f"]


def test_nothing_is_taken_without_a_secret() -> None:
    outbox = Outbox(event("https://receiver.example/"))
    courier = Courier(outbox, receivers(), ())
    courier.run()
    assert courier.deliver_due() == 0
    assert outbox.events


def test_webhooks_are_checked_before_jobs_are_queued() -> None:
    url = "https://Receiver.example:443/hook"
    assert check_webhook(url, receivers(), SECRETS) == "https://receiver.example/hook"
    with pytest.raises(UsageError, match="IMGFLOW_WEBHOOK_SECRET"):
        check_webhook(url, receivers(), ())
    for wrong in ("http://receiver.example/", "https://u:p@receiver.example/", "/etc/passwd"):
        with pytest.raises(StorageError):
            check_webhook(wrong, receivers(), SECRETS)
