"""Waiting times: to accept 1000 jobs at once, and until an idle worker has a job in hand.

Jobs of priority ``high`` come one at a time, at random moments, to a loop that waits and
claims, to ``imgflow worker``'s child process (which begins to work at that moment), and to
that through the HTTP server. The clock runs from before the submission.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import socket
import statistics
import struct
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import bench
import queue_ground as ground
import queue_imgflow

from imgflow.queue import Queue, Submission, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers import RedisServer

#: Seconds until a job that did not arrive counts as lost, and a server that did not start.
PATIENCE = 30.0


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=500, help="jobs of each latency")
    options.add_argument("--posts", type=int, default=20, help="lists of 1000 jobs")
    chosen = options.parse_args()
    ground.head("what", "p50 ms", "p99 ms", "greatest ms")
    with ground.own_server() as server, bench.scratch_folder() as scratch:
        accepted = accept_in_process(server, chosen.posts)
        waits = through_claims(server, scratch, chosen.jobs)
        worker_waits(server, scratch, chosen.jobs)
        with http_server(server, scratch) as site:
            posted = accept_over_http(site, chosen.posts)
            posted_waits(server, site, scratch, chosen.jobs)
    print()
    ground.target("1000 jobs through the API", accepted, "", "ms", met=True)
    ground.target("1000 jobs in one request", posted, "<= 100", "ms", met=posted <= 100)
    for percent, bound in ((50, 2), (99, 10)):
        found = ground.percentile(waits, percent)
        ground.target(f"pick-up p{percent}", found, f"<= {bound}", "ms", met=found <= bound)


def accept_in_process(server: RedisServer, rounds: int) -> float:
    """Submit lists of 1000 jobs through the Python API."""
    queue = Queue(connect(server.url), "api")
    took = []
    for _ in range(rounds):
        jobs = list(queue_imgflow.submissions(1000, str(uuid.uuid4())))
        started = time.perf_counter()
        queue.submit(jobs)
        took.append((time.perf_counter() - started) * 1000)
    show("accept 1000 jobs, Python API", took)
    return statistics.median(took)


def accept_over_http(site: Site, rounds: int) -> float:
    """Submit lists of 1000 jobs, each in one request."""
    took = []
    for _ in range(rounds):
        folder = f"{site.root}/{uuid.uuid4()}"
        body = json.dumps([an_order(f"{folder}/{index}") for index in range(1000)])
        started = time.perf_counter()
        site.post(body)
        took.append((time.perf_counter() - started) * 1000)
    show("accept 1000 jobs, one request", took)
    return statistics.median(took)


def an_order(stem: str) -> dict[str, Any]:
    """Return the request for one job."""
    return {
        "input": f"file://{stem}.jpg",
        "operations": [{"op": "resize", "width": 800}],
        "output": f"file://{stem}.webp",
    }


def through_claims(server: RedisServer, scratch: Path, jobs: int) -> list[float]:
    """Wait in a loop of ``Claims.wait`` and ``Claims.take``."""
    queue = Queue(connect(server.url))
    with Receiver(scratch / "claims") as receiver, program(server, receiver, "pick"):
        waits = receiver.clock(lambda: submit_one(queue), jobs)
    show("high job to claim", waits)
    return waits


def worker_waits(server: RedisServer, scratch: Path, jobs: int) -> None:
    """Wait in the real worker."""
    queue = Queue(connect(server.url))
    with Receiver(scratch / "worker") as receiver, program(server, receiver, "tell"):
        show("high job to work in a child", receiver.clock(lambda: submit_one(queue), jobs))


def posted_waits(server: RedisServer, site: Site, scratch: Path, jobs: int) -> None:
    """Wait in the real worker, for jobs that come over HTTP."""
    with server.client() as client:
        client.flushall()

    def post_one() -> None:
        order = an_order(f"{site.root}/{uuid.uuid4()}")
        site.post(json.dumps({**order, "priority": "high"}))

    with Receiver(scratch / "posted") as receiver, program(server, receiver, "tell"):
        show("POST of a high job to work in a child", receiver.clock(post_one, jobs))


def submit_one(queue: Queue) -> None:
    """Submit a job of high priority."""
    (one,) = queue_imgflow.submissions(1, str(uuid.uuid4()))
    queue.submit([Submission(job=one.job, id=one.id, priority="high")])


class Receiver:
    """A socket on which jobs tell when they reached a worker."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._dice = random.Random(1)  # noqa: S311 - no secret

    def __enter__(self) -> Self:
        self._socket.bind(str(self.path))
        self._socket.settimeout(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def clock(self, send: Callable[[], None], jobs: int) -> list[float]:
        """Send jobs, each to an idle worker; return the milliseconds until they arrived."""
        waits = []
        for index in range(jobs + 10):
            time.sleep(self._dice.uniform(0.01, 0.05))
            started = time.monotonic()
            send()
            (arrived,) = struct.unpack("d", self._socket.recv(8))
            if index >= 10:
                waits.append((arrived - started) * 1000)
        return waits


@contextmanager
def program(server: RedisServer, receiver: Receiver, what: str) -> Iterator[None]:
    """Run a worker that tells the receiver."""
    script = ground.folder_of("queue_imgflow.py")
    environment = {
        **os.environ,
        "BENCH_REDIS_URL": server.url,
        "BENCH_TELL": str(receiver.path),
        "PYTHONPATH": str(script.parent),
    }
    with running([sys.executable, str(script), what], environment):
        yield


class Site:
    """The HTTP server under test; ``root`` is the folder that requests may name."""

    def __init__(self, port: int, root: Path) -> None:
        self.root = root
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def ready(self) -> bool:
        """Tell whether it takes jobs."""
        try:
            self._connection.request("GET", "/readyz")
            response = self._connection.getresponse()
            response.read()
        except OSError:
            self._connection.close()
            return False
        return response.status == 200

    def post(self, body: str) -> None:
        """Submit jobs."""
        self._connection.request("POST", "/jobs", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 202:
            sys.exit(f"POST /jobs: {response.status} {answer[:500].decode()}")


@contextmanager
def http_server(server: RedisServer, scratch: Path) -> Iterator[Site]:
    """Run ``imgflow serve``."""
    from servers import free_port

    port = free_port()
    environment = {
        **os.environ,
        "IMGFLOW_REDIS_URL": server.url,
        "IMGFLOW_ALLOW": f"file://{scratch}/",
        "IMGFLOW_TOKENS": "",
    }
    with running(bench.imgflow("serve", "--port", str(port)), environment):
        site = Site(port, scratch)
        deadline = time.monotonic() + PATIENCE
        while not site.ready():
            if time.monotonic() > deadline:
                sys.exit("imgflow serve does not get ready")
            time.sleep(0.1)
        yield site


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    """Run a program as long as the context lasts."""
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()


def show(what: str, values: list[float]) -> None:
    """Print one row."""
    p50, p99 = (ground.percentile(values, percent) for percent in (50, 99))
    ground.row(what, f"{p50:.2f}", f"{p99:.2f}", f"{max(values):.2f}")


if __name__ == "__main__":
    main()
