"""From bucket to bucket while workers and the S3 server are killed at random."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import msgspec
import pytest
from chaos_fleet import Fleet, real_worker, until
from chaos_scene import Album, make_album
from queue_audit import audit
from s3_ground import Ground, break_ground
from s3_server import S3Server

from imgflow.job import Job
from imgflow.queue import FINAL, JobStatus, Policy, Queue, Submission, connect

pytestmark = pytest.mark.slow

WORKERS, SLOTS, JOBS = 2, 2, 120
#: Pauses of retries, in all longer than the server is ever away.
DELAYS = (0.2, 0.5, 1.0, 2.0, 2.0, 2.0)
POLICY = Policy(lease=2.0, delays=DELAYS)
RULES = {"IMGFLOW_LEASE": "2s", "IMGFLOW_RETRIES": ",".join(map(str, DELAYS))}
#: Seconds between kills of workers, and of the server.
WORKER_PAUSE, SERVER_PAUSE = 1.0, 2.0
_OWN = re.compile(r"/\.tmp\.[0-9a-f]{32}$")
#: Seconds for all of it.
LONGEST = 240.0


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    return make_album(tmp_path_factory.mktemp("album"), JOBS)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with S3Server("nanio", tmp_path) as server:
        yield server


def far(job: Job, ground: Ground) -> Job:
    """Return a job of the album that reads from the bucket, and writes to it."""
    name = job.input.rpartition("/")[2]
    root = ground.uri("out")
    outputs = tuple(
        msgspec.structs.replace(output, path=f"{root}/{output.path.rpartition('/')[2]}", root=root)
        for output in job.outputs
    )
    return msgspec.structs.replace(job, input=ground.uri(f"in/{name}"), outputs=outputs)


class Mayhem:
    """Kills workers and the server until the end of the block, and has others in their place."""

    def __init__(self, fleet: Fleet, server: S3Server, seed: int) -> None:
        self.workers = self.servers = 0
        self._fleet, self._server = fleet, server
        self._dice = random.Random(seed)  # noqa: S311 - a fair game, no secret
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(self._kill_worker, WORKER_PAUSE)),
            threading.Thread(target=self._run, args=(self._kill_server, SERVER_PAUSE)),
        ]

    def __enter__(self) -> Self:
        for _ in range(WORKERS):
            self._fleet.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, kill: Callable[[], None], pause: float) -> None:
        while not self._over.wait(pause * self._dice.uniform(0.5, 1.5)):
            kill()

    def _kill_worker(self) -> None:
        living = self._fleet.living
        if living:
            self._dice.choice(living).kill(self._dice.choice(["parent", "child", "both"]), 0)
            self.workers += 1
        while len(self._fleet.living) < WORKERS:
            self._fleet.start()

    def _kill_server(self) -> None:
        self._server.kill()
        self.servers += 1
        time.sleep(self._dice.uniform(0.1, 0.6))
        self._server.start()


def wait_for_ends(queue: Queue, ids: list[str]) -> list[JobStatus]:
    """Wait until all jobs have ended, and return what became of them."""
    for _ in until(LONGEST, 0.2):
        found = [status for status in queue.status(ids) if status]
        assert len(found) == len(ids), "jobs were lost"
        if all(status.status in FINAL for status in found):
            return found
    raise AssertionError


def kept(ground: Ground) -> list[str]:
    """Return all keys but those under which the server keeps what it is about to write.

    It lists what it was writing itself when it was killed; nobody else calls anything so.
    """
    return [key for key in ground.keys("") if not _OWN.search(key)]


def digests(ground: Ground, keys: list[str]) -> dict[str, str]:
    bodies = {key.removeprefix("out/"): ground.body(key) for key in keys}
    return {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}


@pytest.mark.parametrize("seed", [1])
def test_what_is_killed_leaves_whole_objects_and_nothing_else(
    one_redis_url: str, album: Album, server: S3Server, tmp_path: Path, seed: int
) -> None:
    ground = break_ground(server.url, tmp_path, conditional_writes=False)
    for name in album.names:
        ground.put(f"in/{name}", (album.inputs / name).read_bytes())
    queue = Queue(connect(one_redis_url), policy=POLICY)
    ids = [str(uuid.uuid4()) for _ in album.names]
    jobs = (far(job, ground) for job in album.jobs(Path("/unused")))
    queue.submit(Submission(job=job, id=job_id) for job_id, job in zip(ids, jobs, strict=True))
    command = real_worker(one_redis_url, SLOTS)
    with Fleet(tmp_path / "logs", command, **ground.settings, **RULES) as fleet:
        with Mayhem(fleet, server, seed) as mayhem:
            wait_for_ends(queue, ids)
        # What was given up, after lost workers or many tries, is done when it is asked for.
        given_up = queue.failed(limit=JOBS)
        for one in given_up:
            assert one.losses or one.kills or one.retries == len(DELAYS), one
        queue.retry([one.job_id for one in given_up])
        assert [one for one in wait_for_ends(queue, ids) if one.status != "completed"] == []
        assert set(fleet.drain()) == {0}
    keys = kept(ground)
    inputs = [f"in/{name}" for name in album.names]
    assert [key for key in keys if not key.startswith("out/")] == inputs
    assert digests(ground, [key for key in keys if key.startswith("out/")]) == album.digests
    assert not ground.uploads()
    assert mayhem.workers
    assert mayhem.servers
    audit(queue.client, queue.root)
    queue.client.close()
