"""A project that stays open between two looks, so that single sources are judged at once."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from imgflow.project import Project, open_project
from imgflow.recipe.jobs import Jobs
from imgflow.recipe.sources import Found, local_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgflow.recipe import Recipe
    from imgflow.storage import Storage


class Workspace:
    """A recipe that runs, its sources by their absolute paths, and what was made of them."""

    def __init__(
        self, recipe: Recipe, inputs: Sequence[str] | None, storage: Storage, state: str | None
    ) -> None:
        """Find the sources and open the state; for errors see :func:`open_project`."""
        self.recipe = recipe
        self._storage = storage
        with ExitStack() as stack:
            opened = open_project(recipe, inputs, storage, state=state)
            self.project = stack.enter_context(opened)
            self.known = {os.path.abspath(local_path(job.input)): job for job in self.project.jobs}
            self._stack = stack.pop_all()

    def part(self, paths: Iterable[str]) -> Project:
        """Return a project of a few of the known sources, with the same memory."""
        chosen = {job.input: job for path in paths if (job := self.known.get(path))}
        found = [Found(job.input, job.relative) for job in chosen.values()]
        jobs = Jobs(found, len(found), lambda _, source: chosen[source.path])
        ledger = self.project.ledger
        return Project(self.recipe, jobs, ledger, self._storage, whole=False, listed=False)

    def made(self, path: str) -> int:
        """Return how many files were made of a source."""
        made = self.project.ledger.lookup(path)
        return len(made.outputs) if made else 0

    def flush(self) -> None:
        """Write what is not written yet; raises StorageError."""
        self.project.ledger.flush()

    def close(self) -> None:
        """Write all, and let go of it; raises StorageError."""
        self._stack.close()
