"""The progress bar on a terminal."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column

from imgflow.cli.printing import change_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.job import Job, Result
    from imgflow.summary import Summary


class Bar:
    """One line: bar, count, images a second, bytes saved, time left, the file at work."""

    def __init__(self, total: int) -> None:
        """Take the number of images."""
        name = Column(ratio=1, no_wrap=True, overflow="ellipsis")
        self._progress = Progress(
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
            TextColumn("{task.fields[name]}", markup=False, table_column=name),
            console=Console(stderr=True),
            refresh_per_second=5,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task("", total=total, figures="", name="")
        self._total = total
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def watch(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Pass jobs on, and show the name of the newest."""
        for job in jobs:
            self._progress.update(self._task, name=os.path.basename(job.input))
            yield job

    def show(self, result: Result, summary: Summary) -> None:  # noqa: ARG002
        """Move the bar."""
        rate = summary.images / (time.monotonic() - self._started)
        left = time_text((self._total - summary.images) / rate)
        failed = f"{len(summary.failures)} failed, " if summary.failures else ""
        figures = f"{rate:.1f}/s, {failed}{change_text(summary.saved)}, {left} left"
        self._progress.update(self._task, completed=summary.images, figures=figures)
