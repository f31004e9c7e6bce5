"""Run jobs: one in this process, many in worker processes, never all of them in memory."""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.runner.alone import run_alone
from imgflow.runner.attempt import misnamed
from imgflow.runner.cores import default_workers
from imgflow.runner.errand import EXECUTE, Errand, Setup
from imgflow.runner.pace import Pace
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from imgflow.job import Job, Result

#: Batches handed out for each worker: one at work, and one so that it need not wait.
_AHEAD = 2
#: Processes for each core where images come from afar or go there. Two keep it at work if the
#: network takes no longer than the pixels: with 20 ms a request, 40 ms an image, as its outputs
#: are written side by side. Each costs 0.25 s of CPU to load boto3, and its memory.
OVERLAP = 2


def run_jobs(  # noqa: PLR0913 - how to work
    jobs: Iterable[Job],
    *,
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    stores: str = "",
    hosts: tuple[str, ...] = (),
    fail_fast: bool = False,
    work: str = EXECUTE,
) -> Generator[Result]:
    """Yield the result of each job, in the order in which they finish.

    ``jobs`` is read only as fast as they are worked off. ``workers`` are as many processes;
    None stands for one a core, or for :data:`OVERLAP` a core if sources or outputs are not on
    this machine, so that some work while others wait for the network. Each of them may take
    ``limits.memory_bytes``. ``stores`` is the file of S3 stores with names, ``hosts`` are
    prefixes of what may be read of the web besides public hosts. ``work`` names the function
    that does a job, :data:`imgflow.runner.errand.REHEARSAL` one that writes nothing.

    With ``fail_fast`` the first failure is the last result. To close the generator stops all
    work: no process and no half file stays behind.
    """
    setup = Setup(limits=limits, stores=stores, hosts=hosts, work=work)
    with closing(_run(iter(jobs), workers, setup)) as results:
        for result in results:
            yield result
            if fail_fast and result.status == "failed":
                return


def processes_for(cores: int, *, remote: bool) -> int:
    """Return how many processes keep some cores at work."""
    return cores * OVERLAP if remote else cores


def _run(jobs: Iterator[Job], workers: int | None, setup: Setup) -> Generator[Result]:
    first = list(itertools.islice(jobs, 1))
    if first and workers is None:
        workers = processes_for(default_workers(), remote=_goes_far(first[0]))
    first += itertools.islice(jobs, max(workers or 0, 2) - 1)
    if len(first) == 1:
        yield misnamed(first[0]) or run_alone(first[0], setup)
    elif first:
        workers = max(1, min(workers or 1, len(first)))
        yield from _run_pooled(itertools.chain(first, jobs), workers, setup)


def _goes_far(job: Job) -> bool:
    return is_remote(job.input) or any(is_remote(output.path) for output in job.outputs)


def _run_pooled(jobs: Iterator[Job], workers: int, setup: Setup) -> Generator[Result]:
    from imgflow.runner.pool import WorkerPool

    pace = Pace()
    with WorkerPool(workers, setup) as pool:
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
