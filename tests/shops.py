"""A queue, and workers that are hired for it, each a process of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import msgspec
from command import group, wait_for
from hired import Terms

from imgflow.job import Job, Output
from imgflow.queue import FINAL, JobStatus, Policy, Queue, Submission

PROGRAM = Path(__file__).parent / "hired.py"
#: A lease that lapses soon, and retries that do not wait.
QUICK = Policy(lease=1.5, delays=(0.1, 0.1, 0.1))


@dataclasses.dataclass
class Hand:
    """A hired worker: its process, and the file that it writes its journal to."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it has written down so far."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wrote(self, event: str) -> list[dict[str, Any]]:
        """Return the events of one kind."""
        return [one for one in self.events if one["event"] == event]

    def children(self) -> list[int]:
        """Return the processes of its pool."""
        mine = [pid for pid in group(self.process.pid) if pid != self.process.pid]
        return [pid for pid in mine if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def signal(self, number: int, *, everybody: bool = False) -> None:
        """Send a signal to the worker, or to its processes as well."""
        (os.killpg if everybody else os.kill)(self.process.pid, number)

    def leave(self) -> int:
        """Wait until it has ended, and return its exit code."""
        return self.process.wait(60)


@dataclasses.dataclass
class Shop:
    """A queue and those who work on it."""

    queue: Queue
    url: str
    folder: Path
    hands: list[Hand] = dataclasses.field(default_factory=list)

    def hire(self, **terms: Any) -> Hand:
        """Start a worker, and wait until it is at work."""
        log = self.folder / f"worker{len(self.hands)}.log"
        options = Terms(url=self.url, policy=self.queue.policy, **terms)
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, str(PROGRAM), msgspec.json.encode(options)],
                stdout=file,
                stderr=file,
                process_group=0,
            )
        hand = Hand(process, log)
        self.hands.append(hand)
        wait_for(lambda: hand.wrote("worker-started"))
        return hand

    def submit(self, *inputs: str, **more: Any) -> list[str]:
        """Queue jobs, and return their ids."""
        jobs = [Job(input=one, outputs=(Output(path=self.target(one)),)) for one in inputs]
        submissions = [
            Submission(job=job, id=str(uuid.uuid4()), dedupe=False, **more) for job in jobs
        ]
        return [receipt.job_id for receipt in self.queue.submit(submissions)]

    def target(self, name: str) -> str:
        """Return the path that a job writes to."""
        return str(self.folder / "out" / name.replace(" ", "_").replace("/", "_"))

    def mark(self, name: str = "mark") -> Path:
        """Return a file that jobs wait for."""
        return self.folder / name

    def begun(self, mark: Path, times: int = 1) -> list[int]:
        """Wait until jobs that wait for a mark have begun so often; return their processes."""
        path = Path(f"{mark}.begun")
        wait_for(lambda: path.exists() and len(path.read_text().split()) >= times)
        return [int(word) for word in path.read_text().split()]

    def status(self, job_id: str) -> JobStatus:
        """Return the status of a job."""
        (status,) = self.queue.status([job_id])
        assert status is not None
        return status

    def ended(self, *ids: str, seconds: float = 60) -> list[JobStatus]:
        """Wait until jobs are in a final state, and return what became of them."""

        def look() -> list[JobStatus]:
            found = [one for one in self.queue.status(ids) if one and one.status in FINAL]
            return found if len(found) == len(ids) else []

        return list(wait_for(look, seconds))

    def check_tidy(self) -> None:
        """Check that nothing is left that is in nobody's hands."""
        client, key = self.queue.client, self.queue.key
        assert client.llen(key("inprogress")) == 0
        assert client.zcard(key("leases")) == 0
        assert client.zcard(key("delayed")) == 0

    def close(self) -> None:
        """Send everybody home."""
        for hand in self.hands:
            if group(hand.process.pid):
                os.killpg(hand.process.pid, signal.SIGKILL)
            hand.process.wait()
        self.queue.client.close()
