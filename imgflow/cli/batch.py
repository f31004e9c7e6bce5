"""A run as the command line shows it: progress, results, summary, exit code."""

from __future__ import annotations

import dataclasses
import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.closing_words import print_failures, print_summary
from imgflow.cli.progress import choose_progress
from imgflow.runner import default_workers, run_jobs
from imgflow.settings import read_settings
from imgflow.summary import Summary

if TYPE_CHECKING:
    from imgflow.job import Job
    from imgflow.limits import Limits


@dataclasses.dataclass(frozen=True)
class Batch:
    """Jobs to run. ``recipe`` and ``options`` are those of the command that runs them."""

    jobs: list[Job]
    limits: Limits
    recipe: str
    options: list[str]

    def run(self, workers: int | None, *, as_json: bool, quiet: bool, fail_fast: bool) -> int:
        """Run all jobs, and return the exit code."""
        workers = workers or read_settings(os.environ).jobs or default_workers()
        progress = choose_progress(len(self.jobs), as_json=as_json, quiet=quiet)
        summary = Summary()
        started = time.monotonic()
        try:
            with (
                progress,
                closing(
                    run_jobs(
                        progress.watch(self.jobs),
                        workers=workers,
                        limits=self.limits,
                        fail_fast=fail_fast,
                    )
                ) as results,
            ):
                for result in results:
                    summary.add(result)
                    progress.show(result, summary)
        finally:
            if not as_json:
                self._close(summary, time.monotonic() - started, quiet=quiet)
        return exits.FAILED if summary.failures else exits.OK

    def _close(self, summary: Summary, seconds: float, *, quiet: bool) -> None:
        if not quiet:
            print_summary(summary, len(self.jobs), seconds)
        print_failures(summary, self.recipe, self.options)
