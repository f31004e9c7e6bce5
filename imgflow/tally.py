"""How far a job is, in percent of its steps and outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.job import Job


class Tally:
    """Counts the work of a job as it is done.

    That are its shared steps, and for each output its own steps, an encode and a write.
    Pixels are lazy: a step that was applied has computed next to nothing yet. So steps
    count once the pixels that went through them are encoded: the first output that is
    ready counts all shared steps as well. Outputs that are there already, or that turn
    out to be the same file as another one, count like the others.
    """

    def __init__(self, job: Job, report: Callable[[int], None] | None) -> None:
        """Start at 0; ``report`` is told of each change, with ever greater numbers up to 100."""
        self._report = report
        self._shared = len(job.steps)
        self._total = self._shared + sum(len(output.steps) + 2 for output in job.outputs)
        self._done = 0
        self._told = 0

    def encoded(self, steps: int) -> None:
        """Count an output that has this many steps of its own."""
        self._add(self._shared + steps + 1)
        self._shared = 0

    def written(self) -> None:
        """Count a file that was written."""
        self._add(1)

    def finish(self) -> None:
        """Count whatever there was no need to do."""
        self._add(self._total - self._done)

    def _add(self, units: int) -> None:
        self._done += units
        if self._report is None:
            return
        percent = 100 * self._done // max(1, self._total)
        if percent > self._told:
            self._told = percent
            self._report(percent)
