"""Progress while a run lasts: a bar on a terminal, lines elsewhere, JSON for programs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol, Self

from imgflow.cli.figures import gain_text
from imgflow.cli.printing import errors_are_live, print_error, print_json
from imgflow.wording import count_text, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.job import Job, Result
    from imgflow.summary import Summary

#: Up to this many images, each gets a line where there is no bar.
_FEW = 25
#: Seconds between two lines if there are more.
_PAUSE = 5.0


class Progress(Protocol):
    """Hears of every job that is started and of every result."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def watch(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Pass jobs on, and take note of the one at work."""

    def show(self, result: Result, summary: Summary) -> None:
        """Show one more result; ``summary`` includes it."""


def choose_progress(total: int | None, *, as_json: bool, quiet: bool) -> Progress:
    """Return the progress display for this run, terminal and number of images, if known."""
    if as_json:
        return JsonLines()
    if quiet or total == 1:
        return Silence()
    if errors_are_live():
        from imgflow.cli.bar import Bar

        return Bar(total)
    return Lines(total)


class Silence:
    """No progress at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to tidy up."""

    def watch(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Pass jobs on."""
        return iter(jobs)

    def show(self, result: Result, summary: Summary) -> None:
        """Show nothing."""


class JsonLines(Silence):
    """One object a line on standard output, ``outputs`` and ``error`` always among its keys."""

    def show(self, result: Result, summary: Summary) -> None:  # noqa: ARG002
        """Print the result."""
        import msgspec

        fields: dict[str, Any] = msgspec.to_builtins(result)
        print_json({"status": "", "input": "", "outputs": [], "error": None} | fields)


class Lines(Silence):
    """Lines on standard error: one an image if they are few, else one now and then."""

    def __init__(self, total: int | None) -> None:
        """Take the number of images, None if nobody knows."""
        self._total = total
        self._started = self._last = time.monotonic()

    def show(self, result: Result, summary: Summary) -> None:
        """Print a line if one is due."""
        now = time.monotonic()
        if self._total is not None and self._total <= _FEW:
            if result.status == "completed" and all(f.status == "kept" for f in result.outputs):
                return
            print_error(f"[{summary.images}/{self._total}] {result.input}: {_outcome(result)}")
        elif now - self._last >= _PAUSE:
            self._last = now
            rate = summary.images / (now - self._started)
            count, left = count_text(summary.images, "image"), ""
            if self._total is not None:
                count = f"{summary.images:,} of {self._total:,} images"
                left = f", {time_text((self._total - summary.images) / rate)} left"
            print_error(f"{count}, {rate:.1f}/s, {gain_text(summary)}{left}")


def _outcome(result: Result) -> str:
    if result.status == "failed":
        return "failed"
    made = sum(file.bytes for file in result.outputs)
    files = count_text(len(result.outputs), "file")
    return f"{size_text(result.input_bytes)} -> {files}, {size_text(made)}"
