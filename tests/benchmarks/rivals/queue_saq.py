"""SAQ: several coroutines in each process, results dropped at once."""

from __future__ import annotations

import asyncio
import os
import sys

import queue_tally
from saq import Job, Queue

queue = Queue.from_url(os.environ["BENCH_REDIS_URL"])
settings = {"queue": queue, "functions": [("count", queue_tally.count_soon)], "concurrency": 20}


def fill(number: int) -> None:
    """Queue jobs."""
    asyncio.run(_fill(number))


async def _fill(number: int) -> None:
    for start in range(0, number, 100):
        size = min(100, number - start)
        jobs = [
            Job("count", kwargs={"name": f"{start + index}.jpg"}, ttl=-1) for index in range(size)
        ]
        await asyncio.gather(*(queue.enqueue(job) for job in jobs))


def work(processes: int) -> None:
    """Become the workers."""
    binary = f"{sys.prefix}/bin/saq"
    words = ["--workers", str(processes), "--quiet"]
    os.execv(binary, [binary, "queue_saq.settings", *words])  # noqa: S606 - this process is the worker


if __name__ == "__main__":
    {"fill": fill, "work": work}[sys.argv[1]](int(sys.argv[2]))
