"""imgflow with every guarantee on: duplicates found, leases, fencing, results kept for a day.

``fill N`` queues jobs. ``take PROCESSES EACH`` claims and settles them directly, EACH at a time.
``work PROCESSES`` is the real worker, whose child processes do the jobs. ``pick`` and ``tell``
are an idle loop around claims and an idle worker, that tell the socket ``BENCH_TELL`` when a job
reaches them.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING

import queue_tally

from imgflow.job import Job, Output, Result
from imgflow.limits import DEFAULT_LIMITS
from imgflow.queue import Claims, Outcome, Queue, Submission, connect, worker_name
from imgflow.runner.errand import Setup
from imgflow.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgflow.limits import Limits
    from imgflow.storage import Storage

OUTPUT = Output(path="out/{stem}.webp", encoder={"format": "webp", "quality": 80})


def own_queue() -> Queue:
    """Return the queue of this run."""
    return Queue(connect(os.environ["BENCH_REDIS_URL"]))


def submissions(number: int, folder: str = "photos") -> Iterator[Submission]:
    """Yield different jobs of one recipe."""
    for index in range(number):
        job = Job(
            input=f"/data/{folder}/{index:07d}.jpg",
            outputs=(OUTPUT,),
            steps=({"op": "resize", "width": 800},),
        )
        yield Submission(job=job, id=str(uuid.uuid4()))


def do_nothing(
    job: Job, storage: Storage, limits: Limits, progress: Callable[[int], None] | None = None
) -> Result:
    """Stand in for ``imgflow.execute.execute``."""
    del storage, limits, progress
    queue_tally.count()
    return Result(status="completed", input=job.input)


def tell_when(
    job: Job, storage: Storage, limits: Limits, progress: Callable[[int], None] | None = None
) -> Result:
    """Stand in for ``imgflow.execute.execute``, and tell when."""
    del storage, limits, progress
    tell()
    return Result(status="completed", input=job.input)


def tell() -> None:
    """Send the time to the socket that waits for it."""
    _line().sendto(struct.pack("d", time.monotonic()), os.environ["BENCH_TELL"])


@functools.cache
def _line() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)


def fill(number: int) -> None:
    """Queue jobs."""
    own_queue().submit(submissions(number))


def take(processes: int, each: int) -> None:
    """Claim and settle in some processes."""
    command = [sys.executable, __file__, "claim", str(each)]
    running = [subprocess.Popen(command) for _ in range(processes)]
    for process in running:
        process.wait()


def claim(each: int) -> None:
    """Claim and settle until this process is killed."""
    claims = Claims(own_queue(), worker_name(), each)
    while True:
        tickets = claims.take(each)
        if not tickets:
            claims.wait(1.0)
            continue
        done = [
            Outcome(ticket=ticket, result=Result(status="completed", input=ticket.job.input))
            for ticket in tickets
        ]
        assert all(claims.settle(done))
        queue_tally.add(len(done))


def pick() -> None:
    """Wait for jobs, and tell of each the moment at which it is claimed."""
    claims = Claims(own_queue(), worker_name(), 1)
    while True:
        tickets = claims.take(1)
        if not tickets:
            claims.wait(1.0)
            continue
        tell()
        result = Result(status="completed", input=tickets[0].job.input)
        claims.settle([Outcome(ticket=tickets[0], result=result)])


def work(processes: int, what: str = "do_nothing") -> None:
    """Run a worker until SIGTERM."""
    setup = Setup(limits=DEFAULT_LIMITS, work=f"queue_imgflow:{what}")
    worker = Worker([own_queue()], slots=processes, setup=setup)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    ACTIONS: dict[str, Callable[..., None]] = {
        "fill": fill,
        "take": take,
        "claim": claim,
        "work": work,
        "pick": pick,
        "tell": functools.partial(work, 2, "tell_when"),
    }
    ACTIONS[sys.argv[1]](*map(int, sys.argv[2:]))
