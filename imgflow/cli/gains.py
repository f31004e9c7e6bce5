"""What was gained by optimizing: so much in each format, and in all."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imgflow.cli.batch import Batch
from imgflow.cli.closing_words import print_failures, print_warnings
from imgflow.cli.columns import print_columns, print_text
from imgflow.cli.printing import flush, print_line
from imgflow.wording import count_text, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from imgflow.cli.progress import Progress
    from imgflow.job import Result
    from imgflow.summary import Summary


@dataclasses.dataclass
class Gain:
    """Files of one format: how many, how many of them got smaller, bytes before and after."""

    files: int = 0
    smaller: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int) -> None:
        """Take one more file into account."""
        self.files += 1
        self.smaller += after < before
        self.before += before
        self.after += after

    @property
    def text(self) -> str:
        """``3 of 4 smaller, 1.2 MB -> 1.1 MB, 81 kB saved (6.9%)``."""
        counted = f"{self.smaller:,} of {self.files:,} smaller"
        if self.after >= self.before:
            return f"{counted}, {size_text(self.before)}"
        saved = self.before - self.after
        sizes = f"{size_text(self.before)} -> {size_text(self.after)}"
        return f"{counted}, {sizes}, {size_text(saved)} saved ({saved / self.before:.1%})"


@dataclasses.dataclass(frozen=True)
class Optimization(Batch):
    """A run of ``imgflow optimize``; ``writes`` unless it is only to be known what it would do."""

    writes: bool = True
    gains: dict[str, Gain] = dataclasses.field(default_factory=dict)

    def show(
        self, start: Callable[[Progress], Generator[Result]], *, as_json: bool, quiet: bool
    ) -> int:
        """Show the results, and count what each format gains."""

        def counted(progress: Progress) -> Generator[Result]:
            for result in start(progress):
                for file in result.outputs:
                    gain = self.gains.setdefault(file.format, Gain())
                    gain.add(result.input_bytes, file.bytes)
                yield result

        return super().show(counted, as_json=as_json, quiet=quiet)

    def _close(self, summary: Summary, seconds: float, *, quiet: bool) -> None:
        if not quiet:
            self._print(summary, seconds)
        print_failures(summary, ("optimize",), self.options)

    def _print(self, summary: Summary, seconds: float) -> None:
        rate = summary.images / seconds if seconds else 0.0
        counted = count_text(summary.images, "image")
        print_line(f"{counted} in {time_text(seconds)} ({rate:.1f} images/s)")
        rows = [(f"{name}:", gain.text) for name, gain in sorted(self.gains.items())]
        if len(rows) > 1:
            rows.append(("all:", self._all().text))
        if summary.failures:
            rows.append(("failed:", count_text(len(summary.failures), "image")))
        if self.total is not None and (undone := self.total - summary.images) > 0:
            rows.append(("undone:", count_text(undone, "image")))
        print_columns(rows, indent=2)
        print_warnings(summary)
        if not self.writes:
            print_text("nothing was written: add --in-place, or --out FOLDER, to do it")
        flush()

    def _all(self) -> Gain:
        every = self.gains.values()
        return Gain(
            sum(gain.files for gain in every),
            sum(gain.smaller for gain in every),
            sum(gain.before for gain in every),
            sum(gain.after for gain in every),
        )
