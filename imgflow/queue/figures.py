"""A queue in figures."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from imgflow.queue.entries import Stats, WorkerStatus
from imgflow.queue.keyspace import Keyspace
from imgflow.queue.policy import PRIORITIES
from imgflow.queue.records import texts
from imgflow.queue.times import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COUNTS = (
    "submitted",
    "duplicates",
    "completed",
    "failed",
    "cancelled",
    "expired",
    "retried",
    "killed",
    "lost",
    "redriven",
)
#: Upper bounds of the histograms, in milliseconds, as the scripts have them.
_DURATIONS = (50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000)
_WAITS = (10, 100, 500, 1000, 5000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000)


class Figures(Keyspace):
    """Depths, ages, totals, histograms, workers."""

    def stats(self) -> Stats:
        """Return all figures, as of one moment."""
        reply = self.scripts.run("stats")
        depths, oldest, (processing, delayed, dead) = reply[:3], reply[3:6], reply[6:9]
        counts = texts(reply[9])
        histograms = {name: int(value) for name, value in texts(reply[10]).items()}
        now = reply[13]
        ages = [now - created for created in oldest if created]
        return Stats(
            queue=self.name,
            depth=dict(zip(PRIORITIES, depths, strict=True)),
            oldest_age=max(0, *ages, 0) / 1000,
            processing=processing,
            delayed=delayed,
            dead=dead,
            counts={name: int(counts.get(name, 0)) for name in _COUNTS},
            durations=_cumulate("d", _DURATIONS, histograms),
            durations_sum=histograms.get("dsum", 0) / 1000,
            waits=_cumulate("w", _WAITS, histograms),
            waits_sum=histograms.get("wsum", 0) / 1000,
            workers=tuple(_workers(reply[11], reply[12])),
        )


def _cumulate(kind: str, bounds: Sequence[int], found: Mapping[str, int]) -> dict[str, int]:
    names = [f"{bound / 1000:g}" for bound in bounds] + ["inf"]
    counts = (found.get(f"{kind}{bound}", 0) for bound in (*bounds, "inf"))
    return dict(zip(names, itertools.accumulate(counts), strict=True))


def _workers(flat: Sequence[bytes], slots: Sequence[bytes]) -> list[WorkerStatus]:
    """Return the workers; one whose own entry is gone was not heard of for a minute."""
    names = zip(flat[::2], flat[1::2], slots, strict=True)
    return [
        WorkerStatus(worker=name.decode(), slots=int(number), seen_at=stamp(float(seen)))
        for name, seen, number in names
        if number
    ]
