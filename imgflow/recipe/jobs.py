"""The jobs of a run, made as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imgflow.job import Job
    from imgflow.recipe.sources import Found


class Jobs:
    """One job for each source; ``total`` is None where only the end will tell.

    They can be had again: what is far away is then listed again.
    """

    def __init__(
        self, sources: Iterable[Found], total: int | None, make: Callable[[int, Found], Job]
    ) -> None:
        """Have ``make`` turn the number and the name of a source into a job."""
        self._sources = sources
        self._make = make
        self.total = total

    def __iter__(self) -> Iterator[Job]:
        """Yield the jobs in the order of their sources."""
        return (job for job, _ in self.versioned())

    def versioned(self) -> Iterator[tuple[Job, str]]:
        """Yield each job with what a listing told of the content of its source, or ""."""
        for index, source in enumerate(self._sources):
            yield self._make(index, source), source.version
