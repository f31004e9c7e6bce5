"""The jobs of a run, made as they are asked for."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from imgflow.job import Job
    from imgflow.recipe.problems import Problem
    from imgflow.recipe.sources import Found


class Jobs:
    """One job for each source; ``total`` is None where only the end will tell.

    They can be had again: what is far away is then listed again.
    """

    def __init__(
        self,
        found: Iterable[Found],
        total: int | None,
        make: Callable[[int, Found], Job],
        warnings: tuple[Problem, ...] = (),
        sources: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Have ``make`` turn the number and the name of a source into a job.

        ``warnings`` are what is doubtful about the sources, or about files beside them;
        ``sources`` are the texts of the files that they point at, by name.
        """
        self._found = found
        self._make = make
        self.total = total
        self.warnings = warnings
        self.sources = sources

    def __iter__(self) -> Iterator[Job]:
        """Yield the jobs in the order of their sources."""
        return (job for job, _ in self.versioned())

    def versioned(self) -> Iterator[tuple[Job, str]]:
        """Yield each job with what a listing told of the content of its source, or ""."""
        for index, source in enumerate(self._found):
            yield self._make(index, source), source.version
