"""The progress bar on a terminal."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn
from rich.table import Column

from imgflow.cli.figures import gain_text
from imgflow.cli.printing import visible
from imgflow.wording import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.job import Job, Result
    from imgflow.summary import Summary


#: Columns from which there is room for the bar itself, and for the name of a file.
_BAR_FROM, _NAME_FROM = 70, 60


class Bar:
    """One line: bar, count, images a second, bytes saved, time left, the file at work."""

    def __init__(self, total: int | None) -> None:
        """Take the number of images, None if nobody knows."""
        console = Console(stderr=True)
        self._progress = Progress(
            *_columns(console.width),
            console=console,
            refresh_per_second=5,
            transient=True,
            expand=console.width >= _NAME_FROM,
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
            self._progress.update(self._task, name=visible(os.path.basename(job.input)))
            yield job

    def show(self, result: Result, summary: Summary) -> None:  # noqa: ARG002
        """Move the bar."""
        rate = summary.images / (time.monotonic() - self._started)
        left = ""
        if self._total is not None:
            left = f", {time_text((self._total - summary.images) / rate)} left"
        failed = f"{len(summary.failures)} failed, " if summary.failures else ""
        figures = f"{rate:.1f}/s, {failed}{gain_text(summary)}{left}"
        self._progress.update(self._task, completed=summary.images, figures=figures)


def _columns(width: int) -> Iterator[ProgressColumn]:
    """Yield what fits into a line: the figures always, bar and name where there is room."""
    if width >= _BAR_FROM:
        yield BarColumn(bar_width=16)
    yield MofNCompleteColumn(table_column=Column(no_wrap=True))
    yield TextColumn(
        "{task.fields[figures]}", markup=False, table_column=Column(no_wrap=True, overflow="crop")
    )
    if width >= _NAME_FROM:
        rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
        yield TextColumn("{task.fields[name]}", markup=False, table_column=rest)
