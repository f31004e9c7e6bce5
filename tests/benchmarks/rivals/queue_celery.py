"""Celery on Redis: processes, late acknowledgement (or a crash loses jobs), no results."""

from __future__ import annotations

import os
import sys

import queue_tally
from celery import Celery

app = Celery("queue_celery", broker=os.environ["BENCH_REDIS_URL"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=64,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
job = app.task(queue_tally.count, name="count")


def fill(number: int) -> None:
    """Queue jobs."""
    with app.producer_pool.acquire() as producer:
        for index in range(number):
            job.apply_async((f"{index}.jpg",), producer=producer)


def work(processes: int) -> None:
    """Become the workers."""
    binary = f"{sys.prefix}/bin/celery"
    words = ["-A", "queue_celery", "worker", "-c", str(processes), "-l", "ERROR"]
    quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    os.execv(binary, [binary, *words, *quick])  # noqa: S606 - this process is the worker


if __name__ == "__main__":
    {"fill": fill, "work": work}[sys.argv[1]](int(sys.argv[2]))
