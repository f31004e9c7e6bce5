"""A run as the command line shows it: progress, results, summary, exit code."""

from __future__ import annotations

import dataclasses
import time
from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.closing_words import print_failures, print_summary
from imgflow.cli.progress import choose_progress
from imgflow.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from imgflow.cli.progress import Progress
    from imgflow.job import Result


@dataclasses.dataclass(frozen=True)
class Batch:
    """A run over ``total`` images, None if only its end will tell.

    ``recipe`` and ``options`` are those that repeat one of them.
    """

    total: int | None
    recipe: str
    options: list[str]

    def show(
        self,
        start: Callable[[Progress], Generator[Result]],
        *,
        as_json: bool,
        quiet: bool,
    ) -> int:
        """Show the results that ``start`` yields, and return the exit code."""
        progress = choose_progress(self.total, as_json=as_json, quiet=quiet)
        summary = Summary()
        started = time.monotonic()
        try:
            with progress, closing(start(progress)) as results:
                for result in results:
                    summary.add(result)
                    progress.show(result, summary)
        finally:
            if not as_json:
                self._close(summary, time.monotonic() - started, quiet=quiet)
        return exits.FAILED if summary.failures else exits.OK

    def _close(self, summary: Summary, seconds: float, *, quiet: bool) -> None:
        if not quiet:
            print_summary(summary, self.total, seconds)
        print_failures(summary, ("run", self.recipe), self.options)
