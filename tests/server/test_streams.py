import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from endpoint import Endpoint, serving

from imgflow.errors import QueueError
from imgflow.job import Failure
from imgflow.queue import Queue
from imgflow.server import streams

JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp"}


def events(reply: httpx.Response) -> Iterator[tuple[str, Any]]:
    """Yield name and data of each event."""
    name = ""
    for line in reply.iter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, json.loads(value)


def test_a_job_is_followed_to_its_end(endpoint: Endpoint) -> None:
    job_id = endpoint.submit(JOB)
    with endpoint.client.stream("GET", f"/jobs/{job_id}/events") as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        following = events(reply)
        assert next(following)[1]["status"] == "queued"
        (ticket,) = endpoint.claims.take(1)
        endpoint.claims.beat({ticket.id: (ticket.run, 40)})
        name, shown = next(found for found in following if found[1]["progress"] == 40)
        assert (name, shown["status"]) == ("status", "processing")
        endpoint.claims.release([ticket])
        endpoint.run(error=Failure(code="source-invalid", message="broken"))
        last = list(following)[-1][1]
    assert (last["status"], last["error"], last["retries"]) == ("failed", "broken", 0)


def test_a_job_that_has_ended_is_told_at_once(endpoint: Endpoint) -> None:
    job_id = endpoint.submit(JOB)
    endpoint.client.delete(f"/jobs/{job_id}")
    for seen in (b"", b"7", b"\xe4", b"end of it"):
        headers = [(b"Last-Event-ID", seen)]
        reply = endpoint.client.get(f"/jobs/{job_id}/events", headers=headers)
        assert [data["status"] for _, data in events(reply)] == ["cancelled"]
    reply = endpoint.client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": "end"})
    assert (reply.status_code, reply.content) == (204, b"")


def test_many_listeners_are_told_the_same(endpoint: Endpoint) -> None:
    job_id = endpoint.submit(JOB)
    heard: list[str] = []
    begun = threading.Barrier(6)

    def listen() -> None:
        url = f"http://127.0.0.1:{endpoint.port}/jobs/{job_id}/events"
        with httpx.stream("GET", url, timeout=60) as reply:
            following = events(reply)
            next(following)
            begun.wait(30)
            heard.append(list(following)[-1][1]["status"])

    threads = [threading.Thread(target=listen) for _ in range(5)]
    for thread in threads:
        thread.start()
    begun.wait(30)
    endpoint.client.delete(f"/jobs/{job_id}")
    for thread in threads:
        thread.join(60)
    assert heard == ["cancelled"] * 5


def test_the_overview_tells_what_changed(endpoint: Endpoint) -> None:
    with endpoint.client.stream("GET", "/events") as reply:
        following = events(reply)
        name, shown = next(following)
        assert name == "overview"
        assert set(shown) == {"stats", "running", "recent", "failed"}
        assert shown["stats"]["depth"] == {"high": 0, "normal": 0, "low": 0}
        job_id = endpoint.submit(JOB)
        endpoint.run(error=Failure(code="source-invalid", message="broken"))
        failed = next(data["failed"] for _, data in following if data["failed"])
    assert [(one["job_id"], one["error"]) for one in failed] == [(job_id, "broken")]


def test_the_overview_says_that_the_queue_is_away_and_back(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        message = "10.1.2.3"
        raise QueueError(message, code="queue-unreachable")

    with endpoint.client.stream("GET", "/events") as reply:
        following = events(reply)
        assert next(following)[0] == "overview"
        with monkeypatch.context() as patch:
            patch.setattr(Queue, "stats", fail)
            name, problem = next(following)
            assert (name, problem["code"]) == ("trouble", "queue-unreachable")
            assert "10.1.2.3" not in json.dumps(problem)
        assert next(following)[0] == "overview"


def test_a_quiet_stream_is_kept_alive(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_KEEP_ALIVE", 0.05)
    job_id = endpoint.submit(JOB)
    with endpoint.client.stream("GET", f"/jobs/{job_id}/events") as reply:
        assert ": keep-alive" in (line for line in reply.iter_lines())


def test_streams_end_with_the_server(one_redis_url: str) -> None:
    with serving(one_redis_url, "s3://") as endpoint:
        job_id = endpoint.submit(JOB)
        url = f"http://127.0.0.1:{endpoint.port}/"
        threads, open_streams = [], threading.Barrier(3)

        def listen(path: str) -> None:
            with httpx.stream("GET", url + path, timeout=60) as reply:
                following = events(reply)
                next(following)
                open_streams.wait(30)
                list(following)

        for path in ("events", f"jobs/{job_id}/events"):
            threads.append(threading.Thread(target=listen, args=[path]))
            threads[-1].start()
        open_streams.wait(30)
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
