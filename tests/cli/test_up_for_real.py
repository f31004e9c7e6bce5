"""The service from one command, with nothing stood in for."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import samples
from command import wait_for
from PIL import Image
from processes import alive, descendants
from servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("redis_binary")]


class Service:
    """A running service, its port, and the folder that requests may name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        command = [sys.executable, "-m", "imgflow", "up", "--json", "--workers", "1"]
        with (folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--allow", "."],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=err,
            )
        assert self.process.stdout
        assert self.process.stdout.readline(), (folder / "err").read_text()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def submit(self, output: str, **step: object) -> str:
        job = {
            "input": str(self.folder / "coffee.jpg"),
            "operations": [step],
            "output": str(self.folder / output),
        }
        return str(self.ask("POST", "/jobs", job)["job_id"])

    def finished(self, job: str) -> Any:
        status = self.ask("GET", f"/jobs/{job}")
        return status if status["status"] in ("completed", "failed") else None


@pytest.fixture
def service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="u") as name:
        folder = Path(name).resolve()
        (folder / "coffee.jpg").write_bytes(samples.encoded(samples.coffee(), "JPEG"))
        service = Service(folder)
        below = descendants(service.process.pid)
        yield service
        service.process.kill()
        service.process.wait(60)
        assert service.process.stdout
        service.process.stdout.close()
        wait_for(lambda: not any(map(alive, below)))


def test_a_job_over_http(service: Service) -> None:
    job = service.submit("small.webp", op="resize", width=60)
    status = wait_for(lambda: service.finished(job))
    assert status["status"] == "completed", status
    assert status["output"] == str(service.folder / "small.webp")
    with Image.open(service.folder / "small.webp") as image:
        assert (image.format, image.width) == ("WEBP", 60)
    below = descendants(service.process.pid)
    assert len(below) > 6
    service.process.terminate()
    assert service.process.wait(60) == 0, (service.folder / "err").read_text()
    assert not any(map(alive, below))


def test_what_waits_is_done_after_a_crash_of_everything(service: Service) -> None:
    jobs = [service.submit(f"{width}.webp", op="resize", width=width) for width in range(40, 70)]
    below = descendants(service.process.pid)
    service.process.kill()
    service.process.wait(60)
    wait_for(lambda: not any(map(alive, below)))
    again = Service(service.folder)
    try:
        for job in jobs:
            assert wait_for(functools.partial(again.finished, job), 120)["status"] == "completed"
    finally:
        again.process.terminate()
        assert again.process.wait(60) == 0
        assert again.process.stdout
        again.process.stdout.close()
    assert len(list(service.folder.glob("*.webp"))) == 30
