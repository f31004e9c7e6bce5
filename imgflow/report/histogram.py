"""How the scores are spread, as SVG: a bar for every five points, and the levels by name."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from imgflow.quality.verdict import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STEP, _TOP = 5, 100
#: Whatever is below is counted with the lowest bar.
_LOWEST = 0
#: Width of a letter.
_LETTER = 6.5


class Bin(NamedTuple):
    """Scores from ``least`` up to ``least + 5``, the last with 100 itself."""

    least: int
    files: int

    @property
    def words(self) -> str:
        """The range, in words."""
        start = "below" if self.least == _LOWEST else f"{self.least} to"
        return f"{start} {self.least + _STEP}"


def count_scores(scores: Sequence[float]) -> tuple[Bin, ...]:
    """Return the bars from that of the lowest score, at most from 50, up to 100."""
    lowest = max(_LOWEST, min(50, math.floor(min(scores) / _STEP) * _STEP))
    counts = dict.fromkeys(range(lowest, _TOP, _STEP), 0)
    for score in scores:
        place = math.floor(score / _STEP) * _STEP
        counts[min(max(place, lowest), _TOP - _STEP)] += 1
    return tuple(Bin(*item) for item in counts.items())


def draw_histogram(scores: Sequence[float], width: int, height: int) -> str:
    """Return an SVG of some size, coloured by the page it is in."""
    bins = count_scores(scores)
    told = ", ".join(f"{one.files} from {one.words}" for one in bins if one.files)
    start = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(f"Files by score: {told}")}">'
    )
    return "\n".join((start, *_levels(bins, width, height), *_bars(bins, width, height), "</svg>"))


def _bars(bins: Sequence[Bin], width: int, height: int) -> Iterator[str]:
    most = max(one.files for one in bins)
    each, base, room = width / len(bins), height - 20, height - 78
    for index, one in enumerate(bins):
        left, tall = index * each, room * one.files / most
        middle = left + each / 2
        if one.files:
            yield (
                f'<rect class="bar" x="{left + 2:.1f}" y="{base - tall:.1f}" rx="2" '
                f'width="{each - 4:.1f}" height="{tall:.1f}">'
                f"<title>{one.files} from {one.words}</title></rect>"
                f'<text x="{middle:.1f}" y="{base - tall - 5:.1f}" class="count">{one.files}</text>'
            )
        if one.least % 10 == 0:
            yield f'<text x="{left:.1f}" y="{height - 5}" class="tick">{one.least}</text>'
    yield f'<text x="{width}" y="{height - 5}" class="tick last">{_TOP}</text>'
    yield f'<path class="axis" d="M0 {base}H{width}"/>'


def _levels(bins: Sequence[Bin], width: int, height: int) -> Iterator[str]:
    lowest = bins[0].least
    for row, verdict in enumerate(VERDICTS[:3]):
        x = width * (verdict.least - lowest) / (_TOP - lowest)
        # Each a line lower, as there is no room for them side by side.
        y = 12 + 13 * row
        name = verdict.level.replace("-", " ")
        side, kind = (-3, "name last") if x + _LETTER * len(name) > width else (3, "name")
        yield f'<path class="level" d="M{x:.1f} {y + 3}V{height - 20}"/>'
        yield f'<text class="{kind}" x="{x + side:.1f}" y="{y}">{name}</text>'
