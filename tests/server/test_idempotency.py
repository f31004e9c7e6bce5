import threading
from typing import Any

import pytest
from endpoint import Endpoint, serving

from imgflow.errors import QueueError
from imgflow.queue import Queue
from imgflow.server import Admission

JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp", "dedupe": False}
KEY = "Idempotency-Key"


def submitted(endpoint: Endpoint) -> int:
    return endpoint.queue.stats().counts["submitted"]


@pytest.mark.parametrize("body", [JOB, [JOB, JOB]], ids=["one", "list"])
def test_a_repeated_request_has_the_same_reply(endpoint: Endpoint, body: Any) -> None:
    first = endpoint.post("/jobs", body, **{KEY: "8e03978e"})
    second = endpoint.post("/jobs", body, **{KEY: '"8e03978e"'})
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers.get("Location") == second.headers.get("Location")
    assert KEY not in first.headers
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert submitted(endpoint) == (2 if isinstance(body, list) else 1)


def test_a_batch_is_opened_once(endpoint: Endpoint) -> None:
    batch = {"inputs": ["s3://bucket/a.jpg"], "output": "s3://bucket/a.webp"}
    replies = [endpoint.post("/batches", batch, **{KEY: "k"}) for _ in range(2)]
    assert replies[0].content == replies[1].content
    assert submitted(endpoint) == 1


def test_another_request_under_a_used_key(endpoint: Endpoint) -> None:
    endpoint.post("/jobs", JOB, **{KEY: "k"})
    other = endpoint.post("/jobs", {**JOB, "priority": "low"}, **{KEY: "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_a_request_at_work(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave = threading.Event(), threading.Event()
    submit = Queue.submit

    def slow(self: Queue, submissions: Any) -> Any:
        entered.set()
        assert leave.wait(30)
        return submit(self, submissions)

    monkeypatch.setattr(Queue, "submit", slow)
    replies = []
    thread = threading.Thread(
        target=lambda: replies.append(endpoint.post("/jobs", JOB, **{KEY: "k"}))
    )
    thread.start()
    assert entered.wait(30)
    second = endpoint.post("/jobs", JOB, **{KEY: "k"})
    leave.set()
    thread.join(30)
    assert (second.status_code, second.json()["code"]) == (409, "idempotency-key-in-flight")
    assert "Retry-After" in second.headers
    assert replies[0].status_code == 202
    assert submitted(endpoint) == 1


def test_a_reply_that_was_not_kept_does_not_double_the_jobs(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        message = "away"
        raise QueueError(message, code="queue-unreachable")

    monkeypatch.setattr(Queue, "keep_reply", fail)
    lost = endpoint.post("/jobs", [JOB, JOB], **{KEY: "k"})
    monkeypatch.undo()
    assert lost.status_code == 503
    endpoint.queue.forget("anybody", next(iter(remembered(endpoint))))
    reply = endpoint.post("/jobs", [JOB, JOB], **{KEY: "k"})
    assert reply.status_code == 202
    assert endpoint.queue.stats().depth["normal"] == 2


def test_a_request_that_failed_may_be_sent_again(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        message = "full"
        raise QueueError(message, code="queue-full")

    monkeypatch.setattr(Queue, "submit", fail)
    assert endpoint.post("/jobs", JOB, **{KEY: "k"}).status_code == 503
    monkeypatch.undo()
    assert endpoint.post("/jobs", JOB, **{KEY: "k"}).status_code == 202
    assert endpoint.post("/jobs", {**JOB, "input": 3}, **{KEY: "n"}).status_code == 422
    assert endpoint.post("/jobs", JOB, **{KEY: "n"}).status_code == 202


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\xe4"])
def test_keys_that_are_none(endpoint: Endpoint, key: str) -> None:
    reply = endpoint.client.post(
        "/jobs",
        content=b"{}",
        headers=[(b"Content-Type", b"application/json"), (KEY.encode(), key.encode("latin-1"))],
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "bad-idempotency-key")


def test_clients_with_other_tokens_have_keys_of_their_own(one_redis_url: str) -> None:
    with serving(one_redis_url, "s3://", admission=Admission(("one", "two"))) as endpoint:
        replies = [
            endpoint.post("/jobs", JOB, **{KEY: "k", "Authorization": f"Bearer {token}"}).json()
            for token in ("one", "two", "one")
        ]
    assert replies[0] == replies[2] != replies[1]


def remembered(endpoint: Endpoint) -> list[str]:
    found = endpoint.queue.client.scan_iter(match="*idem:anybody:*")
    return [name.decode().rpartition(":")[2] for name in found]
