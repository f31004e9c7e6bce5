"""A million jobs: the time to queue them, what they weigh, and how claims go at that depth.

Once with the detection of duplicates, once without, each on an empty server. Claims of one job
alternate between that queue and one beside it that is nearly empty, so that a noisy minute
hits both.
"""

from __future__ import annotations

import argparse
import itertools
import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import queue_ground as ground
import queue_imgflow
from queue_ground import server_seconds

from imgflow.job import Result
from imgflow.queue import Claims, Outcome, Queue, connect

if TYPE_CHECKING:
    from servers import RedisServer


class Weight(NamedTuple):
    """What the jobs took: seconds, bytes of memory and of the log a job, seconds to restart.

    ``cpu`` are the seconds of CPU time of the process that queues them and of the server.
    """

    seconds: float
    cpu: float
    memory: float
    log: float
    restart: float


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=1_000_000)
    options.add_argument("--claims", type=int, default=3000)
    chosen = options.parse_args()
    weights = {dedupe: weigh(chosen.jobs, dedupe=dedupe) for dedupe in (True, False)}
    with ground.own_server() as server:
        fill(server, chosen.jobs, dedupe=True)
        deep, shallow = claim_both(server, chosen.claims)
    ground.head("duplicates", "s to queue", "CPU s", "B/job", "AOF B/job", "s to restart")
    for dedupe, weight in weights.items():
        name = "found" if dedupe else "not looked for"
        seconds, cpu, memory, log, restart = weight
        ground.row(
            name, f"{seconds:.1f}", f"{cpu:.1f}", f"{memory:.0f}", f"{log:.0f}", f"{restart:.1f}"
        )
    print()
    ground.head("claim of one job", "p50 ms", "p99 ms")
    for name, waits in ((f"{chosen.jobs} waiting", deep), ("hardly any waiting", shallow)):
        p50, p99 = (ground.percentile(waits, percent) for percent in (50, 99))
        ground.row(name, f"{p50:.3f}", f"{p99:.3f}")
    print()
    seconds = weights[True].seconds
    ground.target("to queue them all", seconds, "<= 60", "s", met=seconds <= 60)
    for dedupe, bound in ((False, 450), (True, 700)):
        found = weights[dedupe].memory
        name = f"memory {'with' if dedupe else 'without'} duplicates found"
        ground.target(name, found, f"<= {bound}", "B/job", met=found <= bound)
    ratio = ground.percentile(deep, 99) / ground.percentile(shallow, 99)
    ground.target("claim p99, deep / empty", ratio, "<= 1.5", "x", met=ratio <= 1.5)


def weigh(jobs: int, *, dedupe: bool) -> Weight:
    """Queue jobs on an empty server, and restart it."""
    with ground.own_server() as server:
        with server.client() as client:
            before = client.info("memory")["used_memory"]
            cpu = time.process_time() + server_seconds(server)
            seconds = fill(server, jobs, dedupe=dedupe)
            cpu = time.process_time() + server_seconds(server) - cpu
            memory = client.info("memory")["used_memory"] - before
            log = client.info("persistence")["aof_current_size"]
        server.stop()
        started = time.perf_counter()
        server.start()
        restart = time.perf_counter() - started
        return Weight(seconds, cpu, memory / jobs, log / jobs, restart)


def fill(server: RedisServer, jobs: int, *, dedupe: bool) -> float:
    """Queue jobs from one process; return the seconds it took."""
    queue = Queue(connect(server.url))
    started = time.perf_counter()
    submissions = queue_imgflow.submissions(jobs)
    while chunk := list(itertools.islice(submissions, 10_000)):
        queue.submit(msgspec.structs.replace(one, dedupe=dedupe) for one in chunk)
    return time.perf_counter() - started


def claim_both(server: RedisServer, claims: int) -> tuple[list[float], list[float]]:
    """Claim jobs of the deep queue and of an empty one by turns; return milliseconds."""
    deep = Queue(connect(server.url))
    shallow = Queue(connect(server.url), "shallow")
    waits: tuple[list[float], list[float]] = ([], [])
    workers = [Claims(queue, "one", 1) for queue in (deep, shallow)]
    for index in range(claims):
        shallow.submit(queue_imgflow.submissions(1, f"shallow-{index}"))
        for worker, times in zip(workers, waits, strict=True):
            started = time.perf_counter()
            (ticket,) = worker.take(1)
            times.append((time.perf_counter() - started) * 1000)
            result = Result(status="completed", input=ticket.job.input)
            worker.settle([Outcome(ticket=ticket, result=result)])
    return waits


if __name__ == "__main__":
    main()
