"""RQ: workers that do not fork for each job, results dropped at once."""

from __future__ import annotations

import os
import sys

import queue_tally
from redis import Redis
from rq import Queue

URL = os.environ["BENCH_REDIS_URL"]


def fill(number: int) -> None:
    """Queue jobs."""
    queue = Queue(connection=Redis.from_url(URL))
    for start in range(0, number, 500):
        size = min(500, number - start)
        data = [
            Queue.prepare_data(queue_tally.count, (f"{start + index}.jpg",), result_ttl=0)
            for index in range(size)
        ]
        queue.enqueue_many(data)


def work(processes: int) -> None:
    """Become the workers."""
    binary = f"{sys.prefix}/bin/rq"
    words = ["worker-pool", "--quiet", "-n", str(processes), "-w", "rq.worker.SimpleWorker"]
    os.execv(binary, [binary, *words, "--url", URL])  # noqa: S606 - this process is the worker


if __name__ == "__main__":
    {"fill": fill, "work": work}[sys.argv[1]](int(sys.argv[2]))
