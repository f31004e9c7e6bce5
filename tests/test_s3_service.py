"""The whole service on buckets: signed upload, job, worker, signed download; no secret tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import samples
from command import wait_for
from s3_ground import Ground, break_ground
from s3_server import KEY, SECRET, S3Server
from servers import PATIENCE, RedisServer, free_port

from imgflow.cli.service_access import is_ready

TOKEN = "tell-nobody-this-token"  # noqa: S105
#: What must be told to nobody.
SECRETS = (SECRET, TOKEN)


class Shop:
    """``imgflow serve`` and ``imgflow worker`` as processes, and all that they say."""

    def __init__(self, redis: RedisServer, ground: Ground, folder: Path) -> None:
        self.port = free_port()
        self.ground = ground
        self._logs = [folder / "server.log", folder / "worker.log"]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **ground.settings,
            "IMGFLOW_REDIS_URL": redis.url,
            "IMGFLOW_ALLOW": f"s3://{ground.bucket}/,s3+media://{ground.bucket}/",
            "IMGFLOW_TOKENS": TOKEN,
            "IMGFLOW_UPLOADS": ground.uri("uploads/"),
        }
        self.heard: list[str] = []

    @contextmanager
    def open(self) -> Iterator[None]:
        """Run both until the end of the block; they must end well."""
        commands = [
            ["serve", "--port", str(self.port), "--log-format", "json"],
            ["worker", "--concurrency", "1", "--log-format", "json"],
        ]
        processes = []
        for command, log in zip(commands, self._logs, strict=True):
            with log.open("ab") as file:
                words = [sys.executable, "-P", "-m", "imgflow", *command]
                environment = self._environment
                processes.append(subprocess.Popen(words, env=environment, stdout=file, stderr=file))
        try:
            wait_for(lambda: is_ready("127.0.0.1", self.port), PATIENCE)
            yield
        finally:
            for process in processes:
                process.terminate()
            codes = [process.wait(PATIENCE) for process in processes]
        assert codes == [0, 0], self.logs

    @property
    def logs(self) -> str:
        return "".join(log.read_text() for log in self._logs)

    def ask(self, path: str, body: Any = None) -> Any:
        """Ask the endpoint as any program would, and return the JSON of its answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        self.heard.append(text)
        return json.loads(text)

    def run(self, command: str) -> Any:
        """Run a command of curl as it is in a text, but for the names of the bucket and port."""
        told = command.replace("s3://bucket/", self.ground.uri(""))
        told = told.replace("localhost:8000", f"127.0.0.1:{self.port}").strip()
        words = ["bash", "-c", f'{told} --silent -H "Authorization: Bearer {TOKEN}"']
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        self.heard.append(text)
        return json.loads(text)

    def finish(self, job_id: str) -> Any:
        """Wait for the end of a job, and return its status with signed URLs."""

        def ended() -> Any:
            status = self.ask(f"/jobs/{job_id}?urls=1")
            return status if status["status"] in {"completed", "failed"} else None

        return wait_for(ended, PATIENCE)


@pytest.fixture(params=["moto", pytest.param("nanio", marks=pytest.mark.slow)])
def shop(
    request: pytest.FixtureRequest, single_server: RedisServer, one_redis_url: str, tmp_path: Path
) -> Iterator[Shop]:
    assert one_redis_url
    kind = request.param
    more = {"conditional_writes": False} if kind == "nanio" else {}
    with S3Server(kind, tmp_path) as server:
        ground = break_ground(server.url, tmp_path, **more)
        shop = Shop(single_server, ground, tmp_path)
        with shop.open():
            yield shop
        if kind == "moto":
            assert not ground.uploads()
    told = [*shop.heard, shop.logs, *_values(single_server)]
    assert not [text for text in told if any(secret in text for secret in SECRETS)]
    assert KEY not in "".join([shop.logs, *_values(single_server)])


def _values(redis: RedisServer) -> list[str]:
    """Return everything that the queue holds, as text."""
    with redis.client() as client:
        return [repr(client.dump(key)) for key in client.scan_iter()]


def send(request: dict[str, Any], body: bytes) -> None:
    """Send what was signed, by a plain HTTP client."""
    headers = {k: v for k, v in request["headers"].items() if k != "Content-Length"}
    made = urllib.request.Request(  # noqa: S310
        request["url"], data=body, headers=headers, method=request["method"]
    )
    urllib.request.urlopen(made).close()  # noqa: S310


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def test_from_a_signed_upload_to_a_signed_download(shop: Shop) -> None:
    photo = samples.encoded(samples.coffee(), "JPEG")
    told = shop.ask(
        "/uploads",
        {
            "filename": "my photo.jpg",
            "content_length": len(photo),
            "job": {
                "operations": [{"op": "resize", "width": 120}],
                "outputs": [
                    {"path": shop.ground.uri("out/{stem}.webp")},
                    {"path": f"s3+media://{shop.ground.bucket}/named/{{hash}}.jpg"},
                ],
            },
        },
    )
    send(told["upload"], photo)
    status = shop.finish(shop.ask("/jobs", told["job"])["job_id"])
    assert status["status"] == "completed", status
    assert status["output"] == shop.ground.uri("out/my photo.webp")
    assert [link["path"] for link in status["urls"]] == [one["path"] for one in status["outputs"]]
    small, named = (fetch(link["url"]) for link in status["urls"])
    assert samples.decoded(small).shape[:2] == (80, 120)
    assert samples.decoded(named).shape[:2] == (80, 120)
    assert shop.ground.head("out/my photo.webp")["ContentType"] == "image/webp"
    assert "immutable" in shop.ground.head(shop.ground.keys("named/")[0])["CacheControl"]
    failed = shop.ask("/jobs", {**told["job"], "input": shop.ground.uri("gone.jpg")})
    assert shop.finish(failed["job_id"])["code"] == "source-missing"


EXAMPLE = """\
curl -X POST http://localhost:8000/jobs -H "Content-Type: application/json" -d '{
  "input": "s3://bucket/input.jpg",
  "operations": [{"op": "resize", "width": 800}],
  "output": "s3://bucket/output.jpg"}'
"""


def test_the_example_as_it_is_written_down(shop: Shop) -> None:
    assert shop.run(EXAMPLE.replace("input.jpg", "broken.jpg"))["status"] == "queued"
    wait_for(lambda: shop.run("curl http://localhost:8000/jobs/failed"), PATIENCE)
    (failed,) = shop.run("curl http://localhost:8000/jobs/failed")
    assert failed["code"] == "source-missing"
    shop.ground.put("broken.jpg", samples.encoded(samples.coffee(), "JPEG"))
    shop.ground.put("input.jpg", samples.encoded(samples.coffee(), "JPEG"))
    retried = shop.run(f"curl -X POST http://localhost:8000/jobs/{failed['job_id']}/retry")
    assert retried["job_id"] == failed["job_id"]
    assert retried["status"] in {"queued", "processing", "completed"}
    assert shop.finish(failed["job_id"])["status"] == "completed"

    accepted = shop.run(EXAMPLE)
    assert accepted == {"job_id": accepted["job_id"], "status": "queued"}
    status = shop.finish(accepted["job_id"])
    assert (status["status"], status["output"]) == ("completed", shop.ground.uri("output.jpg"))
    content = shop.ground.body("output.jpg")
    assert samples.decoded(content).shape[1] == 800
    assert fetch(status["urls"][0]["url"]) == content
    assert shop.run(EXAMPLE.replace("bucket/output", "elsewhere/output"))["code"] == "not-allowed"
