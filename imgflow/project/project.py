"""A recipe with its sources and the memory of what was made of them."""

from __future__ import annotations

from collections import deque
from contextlib import closing, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from imgflow.budgets import Budgets, judge_budgets
from imgflow.manifest import is_same, manifest_of, write_if_new
from imgflow.state import failures, forget_failures, judge, kept_result, orphans, record, restored

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from imgflow.budgets import Breach
    from imgflow.job import Job, Result
    from imgflow.recipe import Jobs, Problem, Recipe
    from imgflow.state import JobRecord, Ledger, Orphan, Vault, Verdict
    from imgflow.storage import Storage

    #: Does jobs and yields their results, in any order: ``run_jobs`` with its options.
    Work = Callable[[Iterable[Job]], Generator[Result]]


class Step(NamedTuple):
    """A job, and what is to be done about it."""

    job: Job
    verdict: Verdict


class Project:
    """What a recipe makes of its sources, what of that is up to date, and how it gets there.

    ``whole`` tells that the sources are all there are, ``listed`` that the recipe itself says
    so: a run over a few of them says nothing about the others. ``forgetful`` is why nothing can
    be remembered, "" if it can. One thread alone may use it.
    """

    def __init__(  # noqa: PLR0913 - what a project is made of
        self,
        recipe: Recipe,
        jobs: Jobs,
        ledger: Ledger,
        storage: Storage,
        vault: Vault | None = None,
        *,
        whole: bool = True,
        listed: bool = True,
        forgetful: str = "",
    ) -> None:
        self.recipe = recipe
        self.jobs = jobs
        self.ledger = ledger
        self._storage = storage
        self._vault = vault
        self.forgetful = forgetful
        self._whole = whole
        self._listed = listed
        self._collects = bool(recipe.manifest) or recipe.budgets != Budgets()
        self._done: list[tuple[Job, Result]] = []
        self._given: list[JobRecord] = []

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is doubtful about the sources, or about files beside them."""
        return self.jobs.warnings

    @property
    def sources(self) -> Mapping[str, str]:
        """The texts of the files that the warnings point at, by name."""
        return self.jobs.sources

    def steps(self) -> Iterator[Step]:
        """Yield what is to be done about each source, from a look at the files alone."""
        return (Step(job, judge(job, self.ledger)) for job in self.jobs)

    def kept(self, step: Step) -> Result | None:
        """Return what a job came to when it was done, None if there is something to do."""
        made = step.verdict.made
        if step.verdict.action != "keep" or made is None:
            return None
        return self._noted(step.job, kept_result(step.job, made, self.ledger))

    def bring_up(self, work: Work) -> Generator[Result]:
        """Yield a result for each source; only what is not up to date is worked on.

        What comes out is remembered, so that whatever ends this, the next time goes on from
        there. What is up to date comes at once, until the first that is not.
        """
        kept: deque[Result] = deque()
        self._given.clear()
        with self._vault or nullcontext(), closing(self._stale(kept)) as jobs:
            for job in jobs:
                yield from _drained(kept)
                if job is not None:
                    yield from self._worked(work, chain((job,), jobs), kept)
                    break
            yield from _drained(kept)
            forget_failures(self.jobs, self.ledger, whole=self._listed)
            self._settle()

    def failures(self) -> Iterator[Result]:
        """Yield what became of the sources that failed when they were last tried."""
        return failures(self.jobs, self.ledger)

    def orphans(self) -> tuple[Orphan, ...]:
        """Return the files that the recipe made and makes no more."""
        return orphans(self.jobs, self.ledger, whole=self._listed)

    def breaches(self) -> list[Breach]:
        """Return the budgets that the sources gone through do not keep, the worst first."""
        return judge_budgets(self.recipe.budgets, (result for _, result in self._done))

    def write_manifest(self) -> bool:
        """Write the manifest of the sources gone through, if the recipe asks for one.

        Tells whether it has changed. Raises StorageError.
        """
        path = self.recipe.manifest
        return bool(path) and write_if_new(path, self._manifest(), self._storage)

    def has_manifest(self) -> bool:
        """Tell whether the manifest that the recipe asks for is there, as it would be written."""
        path = self.recipe.manifest
        return not path or is_same(path, self._manifest(), self._storage)

    def _manifest(self) -> bytes:
        return manifest_of(self.recipe.manifest, self._done, self._storage, whole=self._whole)

    def _worked(
        self, work: Work, jobs: Iterable[Job | None], kept: deque[Result]
    ) -> Generator[Result]:
        pending: dict[str, Job] = {}

        def todo() -> Iterator[Job]:
            for job in jobs:
                if job is not None:
                    pending[job.input] = job
                    yield job

        with closing(work(todo())) as results:
            for result in results:
                yield from _drained(kept)
                if job := pending.pop(result.input, None):  # not one whose name is no text
                    self._learn(job, result)
                yield result

    def _stale(self, kept: deque[Result]) -> Generator[Job | None]:
        """Yield the jobs that must be done, None for one whose result went into ``kept``."""
        if self._vault is None:
            yield from self._judged(kept)
            return
        jobs = (job for job in self._judged(kept) if job is not None)
        for job, result in restored(jobs, self.ledger, self._vault, self._storage):
            if result:
                made = self.ledger.lookup(job.input)
                if made:
                    self.ledger.share(made, self._vault.root)
                kept.append(self._noted(job, result))
            yield None if result else job

    def _judged(self, kept: deque[Result]) -> Generator[Job | None]:
        for step in self.steps():
            if result := self.kept(step):
                self._give(step.verdict.made)
                kept.append(result)
                yield None
            elif step.verdict.force:
                yield msgspec.structs.replace(step.job, force=True)
            else:
                yield step.job

    def _learn(self, job: Job, result: Result) -> None:
        self._noted(job, result)
        if record(job, result, self.ledger) and self._vault:
            self._give(self.ledger.lookup(job.input), anew=True)

    def _give(self, made: JobRecord | None, *, anew: bool = False) -> None:
        """Hand what was made to the vault, unless it is known to be there."""
        vault = self._vault
        if vault and made and (anew or not self.ledger.is_shared(made, vault.root)):
            vault.keep(made, self.ledger.home)
            self._given.append(made)

    def _settle(self) -> None:
        """Wait until the vault has all that it was given."""
        if self._vault:
            self._vault.settle()
            for made in self._given:
                self.ledger.share(made, self._vault.root)
            self._given.clear()

    def _noted(self, job: Job, result: Result) -> Result:
        if self._collects:
            self._done.append((job, result))
        return result


def _drained(kept: deque[Result]) -> Iterator[Result]:
    while kept:
        yield kept.popleft()
