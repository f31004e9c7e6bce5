"""``imgflow serve`` as it is run: another process, a real port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from command import imgflow, wait_for
from servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp"}


class Serving:
    """A server process: its URL, and what it wrote after it ended."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        self.log = ""

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        self.log = self.process.communicate(timeout=60)[1]
        return self.process.returncode

    def ready(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()[1]
        try:
            return httpx.get(f"{self.url}/readyz").is_success
        except httpx.TransportError:
            return False


@contextmanager
def serve(redis_url: str, *options: str, **environment: str) -> Iterator[Serving]:
    port = free_port()
    command = [sys.executable, "-m", "imgflow", "serve", "--port", str(port), *options]
    settings = {"IMGFLOW_REDIS_URL": redis_url, "IMGFLOW_ALLOW": "s3://bucket", **environment}
    process = subprocess.Popen(
        command, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True
    )
    serving = Serving(process, f"http://127.0.0.1:{port}")
    try:
        wait_for(serving.ready, 60)
        yield serving
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(one_redis_url: str, number: int) -> None:
    with serve(one_redis_url, "--log-format", "json") as serving:
        reply = httpx.post(f"{serving.url}/jobs", json=JOB)
        assert reply.status_code == 202
        job_id = reply.json()["job_id"]
        assert httpx.get(f"{serving.url}/jobs/{job_id}?secret=1").json()["status"] == "queued"
        with httpx.stream("GET", f"{serving.url}/events") as events:
            assert next(events.iter_lines())
            assert serving.end(number) == 0
    lines = [json.loads(line) for line in serving.log.splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["listening", "stopped"]
    assert lines[0]["url"] == serving.url
    queued, looked = [line for line in lines if line.get("job_id") == job_id]
    assert (queued["method"], queued["status"]) == ("POST", 202)
    assert (looked["method"], looked["status"]) == ("GET", 200)
    assert "secret" not in serving.log


def test_two_servers_share_a_queue(one_redis_url: str) -> None:
    with serve(one_redis_url) as first, serve(one_redis_url) as second:
        urls = [first.url, second.url]

        def post(number: int) -> httpx.Response:
            headers = {"Idempotency-Key": f"key-{number // 4}"}
            job = {**JOB, "input": f"s3://bucket/{number // 4}.jpg"}
            url = f"{urls[number % 2]}/jobs"
            reply = httpx.post(url, json=job, headers=headers)
            while reply.status_code == 409:
                reply = httpx.post(url, json=job, headers=headers)
            return reply

        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(post, range(40)))
        ids = [reply.json()["job_id"] for reply in replies]
        assert all(ids[at] == ids[at - at % 4] for at in range(40))
        assert len(set(ids)) == 10
        assert 'priority="normal"} 10' in httpx.get(f"{first.url}/metrics").text


def test_a_token_is_asked_for(one_redis_url: str) -> None:
    with serve(one_redis_url, "--host", "0.0.0.0", IMGFLOW_TOKENS="a,b") as serving:  # noqa: S104
        assert httpx.get(f"{serving.url}/recipes").status_code == 401
        headers = {"Authorization": "Bearer b"}
        assert httpx.get(f"{serving.url}/recipes", headers=headers).status_code == 200
        serving.end()
        assert "Bearer" not in serving.log


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com"])  # noqa: S104
def test_others_are_not_let_in_by_accident(one_redis_url: str, host: str) -> None:
    done = imgflow("serve", "--host", host, "--redis", one_redis_url, IMGFLOW_TOKENS="")
    assert done.code == 2
    assert done.err.startswith(f"--host {host}: expected a token")
    assert "--insecure" in done.err


def test_everybody_is_let_in_on_purpose(one_redis_url: str) -> None:
    with serve(one_redis_url, "--host", "0.0.0.0", "--insecure") as serving:  # noqa: S104
        reply = httpx.get(f"{serving.url}/recipes", headers={"Host": "images.example.com"})
        assert reply.status_code == 200


def test_a_queue_of_another_name_and_a_folder(one_redis_url: str, tmp_path: Path) -> None:
    options = ("--queue", "thumbs", "--allow", str(tmp_path), "--max-depth", "1")
    with serve(one_redis_url, *options) as serving:
        job = {**JOB, "input": f"{tmp_path}/a.jpg"}
        assert httpx.post(f"{serving.url}/jobs", json=job).status_code == 202
        assert httpx.post(f"{serving.url}/jobs", json=[job, job]).status_code == 429
        assert 'queue="thumbs"' in httpx.get(f"{serving.url}/metrics").text


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--redis", ""], 2, "expected the URL of a Redis server in --redis"),
        (["--redis", "http://localhost"], 3, "http://localhost: expected the URL of a Redis"),
        (["--redis", "redis://127.0.0.1:1"], 3, "redis://127.0.0.1:1: expected a Redis server"),
        (["--allow", __file__], 2, "--allow: expected a folder or a prefix"),
        (["--log-format", "xml"], 2, "Invalid value for '--log-format'"),
    ],
)
def test_what_is_wrong_is_said(options: list[str], code: int, message: str) -> None:
    done = imgflow("serve", *options, IMGFLOW_REDIS_URL="")
    assert done.code == code, done.err
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_port_that_is_taken(one_redis_url: str) -> None:
    with serve(one_redis_url) as serving:
        port = serving.url.rpartition(":")[2]
        done = imgflow("serve", "--port", port, "--redis", one_redis_url)
    assert done.code == 2
    assert done.err.startswith(f"127.0.0.1:{port}: expected an address to listen at")


def test_a_webhook_secret_that_is_none(one_redis_url: str) -> None:
    environment = {"IMGFLOW_WEBHOOK_SECRET": "hunter2"}
    done = imgflow("serve", "--redis", one_redis_url, **environment)
    assert done.code == 2
    assert "hunter2" not in done.err


def test_a_webhook_needs_a_secret(one_redis_url: str) -> None:
    job = {**JOB, "webhook": "https://example.com/hook"}
    with serve(one_redis_url, IMGFLOW_WEBHOOK_SECRET="") as serving:
        reply = httpx.post(f"{serving.url}/jobs", json=job)
        assert (reply.status_code, reply.json()["code"]) == (422, "webhook-unsigned")
