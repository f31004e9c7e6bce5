import json
import logging
from typing import Any

import pytest
from command import wait_for
from endpoint import Endpoint, serving

from imgflow.errors import QueueError
from imgflow.queue import Queue
from imgflow.recipe import RecipeInvalid, parse_recipe
from imgflow.server.problems import MEDIA_TYPE

BODY = """\
{
  "input": "s3://bucket/a.jpg",
  "operations": [
    {"op": "resize", "widht": 800},
    {"op": "blur", "sigma": "2"}
  ],
  "output": "s3://bucket/a.webp"
}"""
JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp"}


def problem_of(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == MEDIA_TYPE
    problem: dict[str, Any] = reply.json()
    assert problem["status"] == status
    assert problem["instance"] == reply.request.url.path
    assert problem["type"] == f"urn:imgflow:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_faults_are_told_with_line_column_and_path(endpoint: Endpoint) -> None:
    problem = problem_of(endpoint.post("/jobs", BODY.encode()), 422)
    first, second = problem["problems"]
    assert (first["line"], first["column"], first["path"]) == (4, 22, "operations[0]")
    assert first["message"] == "unknown key 'widht' for 'resize'"
    assert first["hint"] == "did you mean 'width'?"
    assert (second["line"], second["column"], second["path"]) == (5, 29, "operations[1].sigma")
    assert problem["detail"].startswith("body:4:22: operations[0]: unknown key 'widht'")
    assert problem["detail"].endswith("(and 1 more problem)")


def test_the_words_are_those_of_the_command_line(endpoint: Endpoint) -> None:
    steps = [{"op": "resize", "width": 0}, {"op": "crop", "aspect": "wide"}, {"op": "nope"}]
    recipe = {"version": 1, "steps": steps, "outputs": [{"path": "s3://bucket/a.webp"}]}
    with pytest.raises(RecipeInvalid) as raised:
        parse_recipe(json.dumps(recipe))
    expected = [(one.code, one.message, one.hint) for one in raised.value.problems]
    assert len(expected) == 3
    for request in ({**JOB, "operations": steps}, {"input": JOB["input"], "recipe": recipe}):
        found = problem_of(endpoint.post("/jobs", request), 422)["problems"]
        assert [(one["code"], one["message"], one.get("hint", "")) for one in found] == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b'{"input": NaN}', "not-json"),
        (b'{"a": 1} {}', "not-json"),
        (b"input: s3://bucket/a.jpg\noutput: s3://bucket/b.jpg", "not-json"),
        (b"&a [*a]", "not-json"),
        (b"\xff\xfe{}", "not-utf-8"),
        (b'{"input": "a", "input": "b"}', "duplicate-key"),
        (b'{"input": "\\ud800"}', "not-json"),
        (b"[" * 500_000, "too-deep"),
        (b'{"a":' * 100_000, "too-deep"),
        (json.dumps({f"k{n}": n for n in range(1000)}).encode(), "too-many-keys"),
    ],
)
def test_bodies_that_are_no_json(endpoint: Endpoint, body: bytes, code: str) -> None:
    problem = problem_of(endpoint.post("/jobs", body), 400)
    assert problem["code"] == code
    assert problem["problems"][0]["line"] == 1


def test_paths_and_methods_that_are_not_there(endpoint: Endpoint) -> None:
    assert problem_of(endpoint.client.get("/nope"), 404)["code"] == "not-found"
    assert problem_of(endpoint.client.get("/jobs/failed/"), 404)["code"] == "not-found"
    reply = endpoint.client.patch("/jobs/some-id")
    assert problem_of(reply, 405)["code"] == "method-not-allowed"
    assert set(reply.headers["Allow"].split(", ")) == {"DELETE", "GET", "HEAD"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_other_types_of_body(endpoint: Endpoint, headers: dict[str, str]) -> None:
    reply = endpoint.client.post("/jobs", content=json.dumps(JOB).encode(), headers=headers)
    problem_of(reply, 415)


def test_json_with_its_charset(endpoint: Endpoint) -> None:
    reply = endpoint.post("/jobs", JOB, **{"Content-Type": "application/json; charset=UTF-8"})
    assert reply.status_code == 202


@pytest.mark.parametrize("code", ["queue-full", "queue-unreachable", "queue-disk", "queue-failed"])
def test_a_queue_in_trouble(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    def fail(*_: object) -> None:
        message = "redis://ann:secret@10.1.2.3"
        raise QueueError(message, code=code)

    monkeypatch.setattr(Queue, "submit", fail)
    reply = endpoint.post("/jobs", JOB)
    assert problem_of(reply, 503)["code"] == code
    assert int(reply.headers["Retry-After"]) > 0
    assert "secret" not in reply.text


def test_a_fault_of_ours(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        message = "a secret of the machine"
        raise RuntimeError(message)

    monkeypatch.setattr(Queue, "status", fail)
    with caplog.at_level(logging.ERROR, "imgflow.server"):
        reply = endpoint.client.get("/jobs/x")
        (record,) = wait_for(lambda: caplog.records)
    assert problem_of(reply, 500)["code"] == "internal-error"
    assert "secret" not in reply.text
    assert "Traceback" not in reply.text
    assert "a secret of the machine" in record.__dict__["fields"]["traceback"]


def test_a_queue_that_is_deep_enough(one_redis_url: str) -> None:
    with serving(one_redis_url, "s3://", max_depth=3) as endpoint:
        jobs = [{**JOB, "dedupe": False}] * 2
        assert endpoint.post("/jobs", jobs).status_code == 202
        reply = endpoint.post("/jobs", jobs)
        assert problem_of(reply, 429)["code"] == "queue-busy"
        assert int(reply.headers["Retry-After"]) > 0
        assert endpoint.queue.stats().depth["normal"] == 2


def test_every_reply_keeps_browsers_safe(endpoint: Endpoint) -> None:
    for path in ("/livez", "/jobs/failed", "/nope", "/recipes"):
        headers = endpoint.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers
