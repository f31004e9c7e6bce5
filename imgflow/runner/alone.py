"""One job in this very process: no pool to start, so that a single picture is done at once."""

from __future__ import annotations

import pkgutil
import queue
import threading
import time
from typing import TYPE_CHECKING

from imgflow.runner.attempt import attempt, outgrown, timed_out
from imgflow.runner.memory import private_bytes
from imgflow.storage.opening import open_settled

if TYPE_CHECKING:
    from imgflow.job import Job, Result
    from imgflow.runner.attempt import Work
    from imgflow.runner.errand import Setup

#: Seconds between two looks at the clock and at the memory in use.
TICK = 0.05


def run_alone(job: Job, setup: Setup) -> Result:
    """Execute a job in a thread, under the same limits as in a worker process.

    A thread cannot be stopped: one that takes too long, or that Ctrl-C leaves behind, is
    kept from writing and otherwise abandoned.
    """
    work: Work = pkgutil.resolve_name(setup.work)
    limits = setup.limits
    storage = open_settled(setup.stores, limits, hosts=setup.hosts)
    done: queue.SimpleQueue[Result] = queue.SimpleQueue()
    deadline = time.monotonic() + limits.seconds
    most = private_bytes() + limits.memory_bytes
    threading.Thread(
        target=lambda: done.put(attempt(work, job, storage, limits)),
        name="imgflow-job",
        daemon=True,
    ).start()
    try:
        while True:
            try:
                return done.get(timeout=max(0.0, min(TICK, deadline - time.monotonic())))
            except queue.Empty:
                if time.monotonic() >= deadline:
                    return timed_out(job, limits)
                if private_bytes() > most:
                    return outgrown(job, limits)
    finally:
        storage.close()
