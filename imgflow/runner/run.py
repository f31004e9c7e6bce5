"""Run jobs: one in this process, many in worker processes, never all of them in memory."""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.runner.alone import run_alone
from imgflow.runner.attempt import misnamed
from imgflow.runner.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from imgflow.job import Job, Result

#: Batches handed out for each worker: one at work, and one so that it need not wait.
_AHEAD = 2


def run_jobs(
    jobs: Iterable[Job],
    *,
    workers: int,
    limits: Limits = DEFAULT_LIMITS,
    fail_fast: bool = False,
) -> Generator[Result]:
    """Yield the result of each job, in the order in which they finish.

    ``jobs`` is read only as fast as they are worked off. With ``fail_fast`` the first
    failure is the last result. To close the generator stops all work: no process and no
    half file stays behind.
    """
    with closing(_run(iter(jobs), workers, limits)) as results:
        for result in results:
            yield result
            if fail_fast and result.status == "failed":
                return


def _run(jobs: Iterator[Job], workers: int, limits: Limits) -> Generator[Result]:
    first = list(itertools.islice(jobs, max(workers, 2)))
    if len(first) == 1:
        yield misnamed(first[0]) or run_alone(first[0], limits)
    elif first:
        workers = max(1, min(workers, len(first)))
        yield from _run_pooled(itertools.chain(first, jobs), workers, limits)


def _run_pooled(jobs: Iterator[Job], workers: int, limits: Limits) -> Generator[Result]:
    from imgflow.runner.errand import Errand, Setup
    from imgflow.runner.pool import WorkerPool

    pace = Pace()
    with WorkerPool(workers, Setup(limits=limits)) as pool:
        while True:
            while len(pool) < workers * _AHEAD:
                if not (batch := tuple(itertools.islice(jobs, pace.batch_size))):
                    break
                failures = [misnamed(job) for job in batch]
                yield from filter(None, failures)
                pairs = zip(batch, failures, strict=True)
                if fine := tuple(Errand(job) for job, bad in pairs if not bad):
                    pool.submit(fine)
            if not len(pool):
                return
            for _, result in pool.next_results():
                pace.learn(result.seconds)
                yield result
