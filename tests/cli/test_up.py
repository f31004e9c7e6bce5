"""The service from one command: it comes up whole, and goes down whole."""

from __future__ import annotations

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import wait_for
from processes import alive, children, descendants
from redis import Redis
from servers import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Done

#: Stands in for the two commands that are started, and says what it was started with.
STAND_IN = """
import http.server, json, os, signal, sys
name, *arguments = sys.argv[1:]
names = ("IMGFLOW_REDIS_URL", "IMGFLOW_ALLOW", "IMGFLOW_TOKENS")
environment = {key: os.environ.get(key) for key in names}
print(json.dumps({"arguments": arguments, "environment": environment}))
def stop(number, frame):
    if os.path.exists("stubborn"):
        return
    from redis import Redis
    with Redis.from_url(os.environ["IMGFLOW_REDIS_URL"]) as client:
        client.rpush("ended", name)
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
if name == "worker":
    while True:
        signal.pause()
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
port = int(arguments[arguments.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""

PROGRAM = """
import sys
from imgflow.cli import main, service
service.COMMAND = (sys.executable, sys.argv.pop(1))
raise SystemExit(main())
"""


class Up:
    """A running ``imgflow up``."""

    def __init__(self, folder: Path, *options: object, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        (folder / "stand_in.py").write_text(STAND_IN)
        command = [sys.executable, "-c", PROGRAM, str(folder / "stand_in.py"), "up", "--port"]
        with (folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [*command, str(self.port), *map(str, options)],
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
                cwd=folder,
                env={**os.environ, **environment},
            )

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text()

    def next_line(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.err
        return line

    def welcome(self) -> list[str]:
        """Return all that it says when it is up."""
        lines = [self.next_line()]
        while not lines[-1].startswith("Ctrl-C"):
            lines.append(self.next_line())
        return lines

    def told(self, name: str) -> Any:
        """Return what a stand-in was started with."""

        def find() -> str | None:
            lines = (line.partition(" | ") for line in self.err.splitlines())
            return next((text for who, _, text in lines if who.strip() == name), None)

        return json.loads(wait_for(find))

    def below(self) -> dict[str, int]:
        """Return the processes of the parts by their names."""
        found = {}
        for leash in children(self.process.pid):
            for pid in children(leash):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                names = {b"serve": "server", b"worker": "worker"}
                found[next((names[part] for part in command if part in names), "redis")] = pid
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def all_ended(processes: list[int]) -> bool:
    return not any(map(alive, processes))


@pytest.fixture
def up(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Up]]:
    """A function that starts it in a new folder; nothing of it is left in the end."""
    for name in ("IMGFLOW_ALLOW", "IMGFLOW_TOKENS", "IMGFLOW_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    running: list[Up] = []
    with tempfile.TemporaryDirectory(prefix="u") as folder:

        def start(*options: object, **environment: str) -> Up:
            running.append(Up(Path(folder), *options, **environment))
            return running[-1]

        yield start
        for one in running:
            below = descendants(one.process.pid)
            one.process.kill()
            one.process.wait(60)
            assert one.process.stdout
            one.process.stdout.close()
            assert wait_for(functools.partial(all_ended, below))


def ended(up: Up) -> list[str]:
    """Return who wrote, at its end, that it ended; the data are read by a new server."""
    from imgflow.embedded import PrivateServer

    with (
        PrivateServer(str(up.folder / "imgflow-data")) as server,
        Redis.from_url(server.url, decode_responses=True) as client,
    ):
        return list(client.lrange("ended", 0, -1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_stop_together_and_in_order(up: Callable[..., Up], number: int) -> None:
    service = up()
    assert service.next_line() == f"imgflow is up: http://127.0.0.1:{service.port}/\n"
    below = service.below()
    assert set(below) == {"server", "worker", "redis"}
    assert service.stop(number) == 0
    assert not any(map(alive, below.values()))
    assert ended(service) == ["serve", "worker"]


def test_what_the_parts_are_told(up: Callable[..., Up]) -> None:
    service = up("--workers", 3, "--allow", "s3://bucket/", "--allow", ".", IMGFLOW_ALLOW="/srv")
    service.next_line()
    worker, server = service.told("worker"), service.told("server")
    assert worker["arguments"] == ["--concurrency", "3"]
    assert server["arguments"] == ["--host", "127.0.0.1", "--port", str(service.port)]
    places = f"/srv,s3://bucket/,{service.folder.resolve()}"
    for part in (worker, server):
        assert part["environment"]["IMGFLOW_ALLOW"] == places
        assert part["environment"]["IMGFLOW_TOKENS"] == ""
        assert part["environment"]["IMGFLOW_REDIS_URL"].startswith("unix://")


@pytest.mark.parametrize("victim", ["server", "worker", "redis"])
def test_when_one_ends_all_end(up: Callable[..., Up], victim: str) -> None:
    service = up()
    service.next_line()
    below = service.below()
    os.kill(below[victim], signal.SIGKILL)
    assert service.process.wait(60) == 3
    assert f"{victim}: ended by itself (by signal 9); everything else is stopped" in service.err
    assert not any(map(alive, below.values()))


def test_nothing_is_left_when_it_is_killed(up: Callable[..., Up]) -> None:
    service = up()
    service.next_line()
    below = descendants(service.process.pid)
    assert len(below) == 6
    service.process.kill()
    service.process.wait(60)
    wait_for(lambda: not any(map(alive, below)))


@pytest.mark.slow
def test_who_does_not_stop_is_killed_by_a_second_signal(up: Callable[..., Up]) -> None:
    service = up()
    service.next_line()
    (service.folder / "stubborn").touch()
    below = service.below()
    service.process.send_signal(signal.SIGINT)
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
    assert "server: did not end in time, and was killed" in service.err
    assert not any(map(alive, below.values()))


def test_ready_in_json(up: Callable[..., Up]) -> None:
    service = up("--json", "--data", "here", "--allow", ".")
    folder = service.folder.resolve()
    assert json.loads(service.next_line()) == {
        "url": f"http://127.0.0.1:{service.port}",
        "queue": f"unix://{folder}/here/redis.sock",
        "data": str(folder / "here"),
        "allow": [str(folder)],
        "token": None,
    }


def test_no_secret_is_in_the_list_of_processes(up: Callable[..., Up]) -> None:
    service = up("--data", "too long for a socket " * 6, IMGFLOW_TOKENS="a-secret-token")
    assert not any(line.startswith("  queue:") for line in service.welcome())
    url = service.told("worker")["environment"]["IMGFLOW_REDIS_URL"]
    password = url.removeprefix("redis://:").partition("@")[0]
    assert len(password) >= 32
    for pid in descendants(service.process.pid):
        command = Path(f"/proc/{pid}/cmdline").read_text()
        assert password not in command
        assert "a-secret-token" not in command


def test_a_token_is_made_once_for_an_address_that_others_reach(up: Callable[..., Up]) -> None:
    tokens = []
    for _ in range(2):
        service = up("--json", "--host", "0.0.0.0")  # noqa: S104
        tokens.append(json.loads(service.next_line())["token"])
        assert service.told("server")["environment"]["IMGFLOW_TOKENS"] == tokens[-1]
        assert service.stop() == 0
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) >= 32
    path = service.folder / "imgflow-data" / "token"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_token_that_was_set_is_the_one(up: Callable[..., Up]) -> None:
    service = up("--json", IMGFLOW_TOKENS="mine,yours")
    assert json.loads(service.next_line())["token"] == "mine"  # noqa: S105 - nobody's
    assert service.told("server")["environment"]["IMGFLOW_TOKENS"] == "mine,yours"


def test_the_port_is_taken(here: Callable[..., Done], folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = here("up", "--port", port)
    assert done.code == 2
    assert f"--port {port}: expected a free port at 127.0.0.1, found:" in done.err
    assert not (folder / "imgflow-data").exists()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("recipe.yaml", "--allow: expected a folder or a prefix like s3://bucket/, found a file: "),
        ("ftp://host/", "--allow: "),
        ("a,b", "--allow: expected no comma in a prefix, found"),
    ],
)
def test_wrong_places(here: Callable[..., Done], folder: Path, place: str, message: str) -> None:
    (folder / "a,b").mkdir()
    done = here("up", "--port", free_port(), "--allow", place)
    assert done.code == 2
    assert done.err.startswith(message)
    assert not (folder / "imgflow-data").exists()


def test_the_data_are_in_use(up: Callable[..., Up], here: Callable[..., Done]) -> None:
    service = up()
    service.next_line()
    done = here("up", "--port", free_port(), "--data", service.folder / "imgflow-data")
    assert done.code == 2
    assert f"in use by another imgflow (process {service.process.pid})" in done.err
