"""What a run came to: counts, bytes, warnings by kind, and every failure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Result
    from imgflow.notes import Note

#: Examples that are kept of each kind of warning.
MOST_EXAMPLES = 3


@dataclasses.dataclass
class Warnings:
    """One kind of warning: how many images have it, and messages with the first few of them."""

    count: int = 0
    examples: dict[str, list[str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Scores:
    """How good the files look that were judged: SSIMULACRA2, up to 100."""

    count: int = 0
    total: float = 0.0
    lowest: float = 100.0
    encodes: int = 0

    @property
    def mean(self) -> float:
        """The mean score; 100 where none was judged."""
        return self.total / self.count if self.count else 100.0

    def add(self, score: float, encodes: int) -> None:
        """Take one file into account, and the encodes that it took."""
        self.count += 1
        self.total += score
        self.lowest = min(self.lowest, score)
        self.encodes += encodes


@dataclasses.dataclass
class Summary:
    """The sum of all results so far.

    Sizes are in bytes. ``bytes_in`` counts the sources that became files, ``bytes_out`` all
    those files, whether they were written or were there already. ``single`` tells that each
    of those sources became exactly one file.
    """

    completed: int = 0
    written: int = 0
    kept: int = 0
    copied: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    single: bool = True
    scores: Scores = dataclasses.field(default_factory=Scores)
    failures: list[Result] = dataclasses.field(default_factory=list)
    warnings: dict[str, Warnings] = dataclasses.field(default_factory=dict)

    @property
    def images(self) -> int:
        """The number of images that are done with, one way or the other."""
        return self.completed + len(self.failures)

    @property
    def files(self) -> int:
        """The number of files that there are now."""
        return self.written + self.kept

    @property
    def saved(self) -> int:
        """Bytes by which the files are smaller than their sources; negative if they grew."""
        return self.bytes_in - self.bytes_out

    @property
    def shrinkage(self) -> float:
        """The share by which a mean file is smaller than a mean source; negative if larger."""
        if not self.files or not self.bytes_in:
            return 0.0
        return 1 - (self.bytes_out / self.files) / (self.bytes_in / self.completed)

    def add(self, result: Result) -> None:
        """Take one more result into account."""
        if result.status == "failed":
            self.failures.append(result)
            return
        self.completed += 1
        self.bytes_in += result.input_bytes
        self.single = self.single and len(result.outputs) == 1
        for file in result.outputs:
            self.bytes_out += file.bytes
            self.written += file.status != "kept"
            self.kept += file.status == "kept"
            self.copied += file.status == "copied"
            if file.score is not None:
                self.scores.add(file.score, file.encodes)
        seen = {note.code: note for note in warnings_of(result)}
        for code, note in seen.items():
            kind = self.warnings.setdefault(code, Warnings())
            kind.count += 1
            if kind.count <= MOST_EXAMPLES:
                kind.examples.setdefault(note.message, []).append(result.input)


def warnings_of(result: Result) -> Iterator[Note]:
    """Yield the warnings of an image and of all its files."""
    for notes in (result.notes, *(file.notes for file in result.outputs)):
        yield from (note for note in notes if note.kind == "warning")
