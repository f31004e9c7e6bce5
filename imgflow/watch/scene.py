"""What a watch looks at: all files that make a difference, by their absolute paths."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from imgflow.operations import parse_steps
from imgflow.recipe.finding import plan_inputs
from imgflow.recipe.library import SUFFIXES
from imgflow.recipe.sources import SIDECAR, Found, Search, local_path
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgflow.job import Job
    from imgflow.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class Scene:
    """Files and folders that matter to a recipe, whether they are there or not.

    ``recipes`` are the files that it is made of, ``files`` those that its steps read, ``named``
    the inputs that are no search, ``sources`` what was found by both when it was last looked.
    While the recipe is wrong the scene is ``loose``: any recipe beside it may put it right.
    """

    recipes: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    searches: tuple[Search, ...] = ()
    sources: frozenset[str] = frozenset()
    loose: bool = False

    @property
    def roots(self) -> frozenset[str]:
        """The folders that all of this lies in; of some only what is right inside matters."""
        files = self.recipes | self.files | self.named
        found = {os.path.dirname(path) for path in files}
        return frozenset(found | {search.folder for search in self.searches})

    def is_part(self, path: str) -> bool:
        """Tell whether all pictures depend on a file."""
        return (
            path in self.recipes
            or path in self.files
            or (self.loose and path.endswith(SUFFIXES) and not path.endswith(SIDECAR))
        )

    def takes(self, path: str) -> bool:
        """Tell whether a file is a source, or would be one if it were there."""
        if path.endswith(SIDECAR):
            return False
        if path in self.named or path in self.sources:
            return True
        return any(
            search.takes(relative)
            for search in self.searches
            if (relative := below(path, search.folder))
        )

    def enters(self, folder: str) -> bool:
        """Tell whether a folder is searched, or leads to what is."""
        ways = self.roots | self.named
        if any(way == folder or below(way, folder) for way in ways):
            return True
        return any(
            is_entered(search, relative)
            for search in self.searches
            if (relative := below(folder, search.folder))
        )


def scene_of(recipe: Recipe, inputs: Sequence[str] | None, jobs: Iterable[Job] = ()) -> Scene:
    """Return what matters to a recipe, its inputs and the jobs that they came to.

    Raises UsageError for an input that cannot be one.
    """
    chosen = recipe.inputs
    names = chosen.sources if inputs is None else inputs
    plans = plan_inputs([name for name in names if name], chosen.include, chosen.exclude)
    known = list(jobs)
    return Scene(
        recipes=frozenset(map(os.path.abspath, recipe.sources)),
        files=frozenset(map(os.path.abspath, _files(recipe, known))),
        named=frozenset(_absolute(plan.path) for plan in plans if isinstance(plan, Found)),
        searches=tuple(
            plan._replace(folder=os.path.abspath(plan.folder))
            for plan in plans
            if isinstance(plan, Search)
        ),
        sources=frozenset(_absolute(job.input) for job in known),
    )


def is_entered(search: Search, relative: str) -> bool:
    """Tell whether a search goes into a folder, by its path below the one that is searched."""
    parts = relative.split("/")
    return not any(part.startswith(".") for part in parts) and not any(
        search.skips("/".join(parts[:end])) for end in range(1, len(parts) + 1)
    )


def below(path: str, folder: str) -> str:
    """Return the path of what is below a folder, relative to it, "" for what is not."""
    start = folder.rstrip("/") + "/"
    return path[len(start) :] if path.startswith(start) else ""


def _absolute(path: str) -> str:
    return os.path.abspath(local_path(path))


def _files(recipe: Recipe, jobs: Iterable[Job]) -> Iterator[str]:
    """Yield the files that steps read; jobs that share their steps are looked at once."""
    chains = {id(recipe.steps): recipe.steps}
    outputs = {id(one): one for one in recipe.outputs}
    for job in jobs:
        chains[id(job.steps)] = job.steps
        outputs |= {id(one): one for one in job.outputs}
    chains |= {id(one.steps): one.steps for one in outputs.values()}
    for chain in chains.values():
        for step in parse_steps(chain):
            yield from (path for path in step.files() if not is_remote(path))
