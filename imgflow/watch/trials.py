"""Jobs are done, and what failed is not tried again before something has changed."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from imgflow.state.stamp import read_stamp

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from imgflow.job import Job, Result
    from imgflow.project.project import Work
    from imgflow.state import Stamp

#: As many jobs are done one after the other in this process: others take long to start.
FEW = 3
#: Seconds that a file must have stayed as it is until it counts as broken, and not half written.
SETTLED = 0.5


class Trial(NamedTuple):
    """What became of a job that failed, what its source looked like, and since when."""

    job: Job
    stamp: Stamp | None
    result: Result
    since: float


class Trials:
    """Does jobs as ``work`` does, and remembers those that fail."""

    def __init__(self, work: Work) -> None:
        """Begin with none."""
        self._work = work
        self._failed: dict[str, Trial] = {}
        self._told: set[str] = set()

    def work(self, jobs: Iterable[Job]) -> Generator[Result]:
        """Yield a result for each job; for one that failed just so before, that of then."""
        spent: list[Result] = []
        begun: dict[str, tuple[Job, Stamp | None]] = {}
        fresh = self._fresh(iter(jobs), spent, begun)
        with closing(self._done(fresh)) as results:
            for result in results:
                self._learn(result, *begun.pop(result.input))
                yield result
        yield from spent

    def is_failing(self, source: str) -> bool:
        """Tell whether a source failed when it was last tried."""
        return _key(source) in self._failed

    def forget(self) -> None:
        """Try everything again."""
        self._failed.clear()

    def settle(self) -> Iterator[Result]:
        """Yield failures that are certain, each once: nobody writes the source any more."""
        for source, trial in self._failed.items():
            old = time.monotonic() - trial.since >= SETTLED
            if source not in self._told and old and _is_as_it_was(trial):
                self._told.add(source)
                yield trial.result

    def mark_told(self) -> None:
        """Take all failures so far for known."""
        self._told |= self._failed.keys()

    @property
    def waiting(self) -> bool:
        """Whether there are failures that were not told of yet."""
        return not self._failed.keys() <= self._told

    def keep(self, sources: Iterable[str]) -> None:
        """Forget all but some sources."""
        kept = set(map(_key, sources))
        self._failed = {key: trial for key, trial in self._failed.items() if key in kept}
        self._told &= kept

    def _fresh(
        self,
        jobs: Iterator[Job],
        spent: list[Result],
        begun: dict[str, tuple[Job, Stamp | None]],
    ) -> Iterator[Job]:
        """Yield jobs that are worth a try; the results of the others go into ``spent``."""
        for job in jobs:
            key = _key(job.input)
            stamp, trial = read_stamp(job.input), self._failed.get(key)
            if trial and trial.job == job and trial.stamp == stamp and not _may_pass(trial):
                spent.append(trial.result)
            else:
                begun[key] = job, stamp
                yield job

    def _done(self, jobs: Iterator[Job]) -> Generator[Result]:
        few = list(itertools.islice(jobs, FEW + 1))
        together = [few] if len(few) > FEW else [[job] for job in few]
        for batch in together:
            with closing(self._work(itertools.chain(batch, jobs))) as results:
                yield from results

    def _learn(self, result: Result, job: Job, stamp: Stamp | None) -> None:
        if result.status == "completed":
            self._failed.pop(result.input, None)
            self._told.discard(result.input)
            return
        trial = self._failed.get(result.input)
        same = trial and trial.stamp == stamp and trial.result.error == result.error
        since = trial.since if trial and same else time.monotonic()
        if not same:
            self._told.discard(result.input)
        self._failed[result.input] = Trial(job, stamp, result, since)


def _key(source: str) -> str:
    """Return a source as results name it: what is no text in its name is spelled out."""
    return os.fsencode(source).decode(errors="backslashreplace")


def _may_pass(trial: Trial) -> bool:
    """Tell whether it may succeed though nothing has changed: the disk was full, say."""
    return trial.result.error is not None and trial.result.error.retryable


def _is_as_it_was(trial: Trial) -> bool:
    return read_stamp(trial.job.input) == trial.stamp
