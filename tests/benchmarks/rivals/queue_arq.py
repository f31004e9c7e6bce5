"""arq: many coroutines at once, no pause between polls, results dropped at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import queue_tally
from arq import create_pool, func
from arq.connections import RedisSettings


class WorkerSettings:
    """What the command ``arq`` takes."""

    functions = (func(queue_tally.count_soon, name="count", keep_result=0),)
    redis_settings = RedisSettings.from_dsn(os.environ["BENCH_REDIS_URL"])
    max_jobs = 100
    poll_delay = 0.001
    log_results = False


def fill(number: int) -> None:
    """Queue jobs."""
    asyncio.run(_fill(number))


async def _fill(number: int) -> None:
    pool = await create_pool(WorkerSettings.redis_settings)
    for start in range(0, number, 100):
        size = min(100, number - start)
        await asyncio.gather(
            *(pool.enqueue_job("count", f"{start + index}.jpg") for index in range(size))
        )


def work(processes: int) -> None:
    """Run the workers: a command has one process."""
    command = [f"{sys.prefix}/bin/arq", "queue_arq.WorkerSettings"]
    running = [subprocess.Popen(command) for _ in range(processes)]
    for process in running:
        process.wait()


if __name__ == "__main__":
    {"fill": fill, "work": work}[sys.argv[1]](int(sys.argv[2]))
