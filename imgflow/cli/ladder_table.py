"""A ladder as text, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli.columns import print_columns
from imgflow.cli.printing import print_line
from imgflow.encoders.goals import LEVELS
from imgflow.ladder.comparing import more_text
from imgflow.quality.verdict import score_text
from imgflow.wording import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.ladder.rungs import Curve, Ladder, Rung

_ROW = "{:<6}  {:>8}  {:<6}  {:>7}  {:>8}  {:>5}  {:<17}  {}"
_HEADINGS = ("format", "quality", "chroma", "size", "bits/px", "score", "level", "chosen")


def print_ladder(ladder: Ladder) -> None:
    """Print the files of each format, and the smallest one for each level."""
    width, height = ladder.source
    resized = "" if ladder.source == (ladder.width, ladder.height) else " at {}x{},"
    resized = resized.format(ladder.width, ladder.height)
    print_line(
        f"{ladder.name}, {ladder.format} {width}x{height}, {size_text(ladder.bytes)};"
        f"{resized} effort {ladder.effort}"
    )
    print_line()
    print_line(_ROW.format(*_HEADINGS).rstrip())
    for curve in ladder.curves:
        _print_curve(curve)
    shown = {rung for curve in ladder.curves for rung in curve.steps}
    for rung in ladder.lossless:
        if rung not in shown:
            _print_rung(rung, rung.format, "")
    print_line()
    if any(not choice.reached for curve in ladder.curves for choice in curve.choices):
        print_line("? the best there is: the format does not reach that score")
        print_line()
    print_line("smallest at each level")
    print_columns(_smallest(ladder), indent=2)


def _print_curve(curve: Curve) -> None:
    name = curve.format
    for rung in curve.steps:
        goals = " ".join(f"{goal:g}" for goal in curve.goals(rung))
        doubt = "?" if curve.missed(rung) else ""
        _print_rung(rung, name, goals and f"<- {goals}{doubt}")
        name = ""
    print_line()


def _print_rung(rung: Rung, name: str, chosen: str) -> None:
    level = rung.level.replace("-", " ")
    figures = (size_text(rung.bytes), f"{rung.bits_per_pixel:.2f}", score_text(rung.score, 1))
    print_line(_ROW.format(name, rung.quality, rung.chroma, *figures, level, chosen).rstrip())


def _smallest(ladder: Ladder) -> Iterator[tuple[str, str]]:
    for level, goal in LEVELS.items():
        ranked = ladder.ranked(goal)
        best = ranked[0]
        quality = best.quality if isinstance(best.quality, str) else f"quality {best.quality}"
        others = "".join(f", {rung.format} {more_text(rung, best)}" for rung in ranked[1:])
        text = f"{best.format} {size_text(best.bytes)} ({quality}){others}"
        yield f"{level.replace('-', ' ')} ({goal:g})", text
