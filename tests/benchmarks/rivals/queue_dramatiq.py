"""Dramatiq: its default middleware, eight threads in each process."""

from __future__ import annotations

import os
import sys

import dramatiq
import queue_tally
from dramatiq.brokers.redis import RedisBroker

broker = RedisBroker(url=os.environ["BENCH_REDIS_URL"])
dramatiq.set_broker(broker)
job = dramatiq.actor(queue_tally.count, actor_name="count")


def fill(number: int) -> None:
    """Queue jobs."""
    for index in range(number):
        job.send(f"{index}.jpg")


def work(processes: int) -> None:
    """Become the workers."""
    binary = f"{sys.prefix}/bin/dramatiq"
    os.execv(binary, [binary, "queue_dramatiq", "-p", str(processes), "-t", "8"])  # noqa: S606 - this process is the worker


if __name__ == "__main__":
    {"fill": fill, "work": work}[sys.argv[1]](int(sys.argv[2]))
