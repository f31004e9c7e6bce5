"""What a report adds up: bytes by format, scores, times."""

from __future__ import annotations

import dataclasses
import heapq
import statistics
from typing import TYPE_CHECKING

from imgflow.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.budgets import Breach
    from imgflow.job import Result

#: Slowest images that are named.
_SLOWEST = 5


@dataclasses.dataclass
class FormatTotals:
    """The files of one format: how many, their bytes, and those of the sources they stand for."""

    files: int = 0
    bytes: int = 0
    source_bytes: int = 0

    @property
    def saved(self) -> int:
        """Bytes by which they are smaller than their sources; negative if they grew."""
        return self.source_bytes - self.bytes

    @property
    def share(self) -> float:
        """What was saved as a share of the sources."""
        return self.saved / self.source_bytes if self.source_bytes else 0.0


@dataclasses.dataclass
class Totals:
    """The sum of all results; images themselves are not kept.

    ``stale`` are sources that are not up to date, by the reasons for it; ``orphans`` is a
    number of files that are made no more, ``unreached`` one of sources that a run did not
    come to. ``breaches`` are the budgets that are not kept, the worst first.
    """

    summary: Summary = dataclasses.field(default_factory=Summary)
    formats: dict[str, FormatTotals] = dataclasses.field(default_factory=dict)
    scores: list[float] = dataclasses.field(default_factory=list)
    seconds: list[float] = dataclasses.field(default_factory=list)
    slowest: list[tuple[float, str]] = dataclasses.field(default_factory=list)
    encodes: int = 0
    stale: dict[tuple[str, ...], list[str]] = dataclasses.field(default_factory=dict)
    orphans: int = 0
    unreached: int = 0
    breaches: Sequence[Breach] = ()

    @property
    def images(self) -> int:
        """The number of sources, whatever became of them."""
        return self.summary.images + self.undone + self.unreached

    @property
    def undone(self) -> int:
        """The number of sources that are not up to date."""
        return sum(map(len, self.stale.values()))

    @property
    def median(self) -> float:
        """The median time of an image, in seconds."""
        return statistics.median(self.seconds) if self.seconds else 0.0

    def add(self, result: Result) -> None:
        """Take one more result into account."""
        self.summary.add(result)
        if result.seconds:
            self._time(result)
        for file in result.outputs:
            totals = self.formats.setdefault(file.format, FormatTotals())
            totals.files += 1
            totals.bytes += file.bytes
            totals.source_bytes += result.input_bytes
            self.encodes += file.encodes
            if file.score is not None:
                self.scores.append(file.score)

    def _time(self, result: Result) -> None:
        """Take the time of an image into account; of some that were kept nobody knows it."""
        self.seconds.append(result.seconds)
        heapq.heappush(self.slowest, (result.seconds, result.input))
        if len(self.slowest) > _SLOWEST:
            heapq.heappop(self.slowest)
