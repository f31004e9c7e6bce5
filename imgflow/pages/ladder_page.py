"""A ladder as a page: its graph for wide windows and for phones, and its figures."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

from imgflow.encoders.goals import LEVELS
from imgflow.ladder.comparing import more_text
from imgflow.ladder.drawing import NARROW, draw_ladder
from imgflow.pages.template import fill_page
from imgflow.quality.verdict import score_text
from imgflow.wording import kilo_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.ladder.rungs import Ladder, Rung


def render_ladder(ladder: Ladder) -> str:
    """Return the page of a ladder."""
    width, height = ladder.source
    resized = "" if ladder.source == (ladder.width, ladder.height) else _resized(ladder)
    notes = "".join(f". {note.message}" for note in ladder.notes)
    return fill_page(
        "ladder",
        title=escape(f"Size and score of {os.path.basename(ladder.name)}"),
        about=escape(
            f"{ladder.format} {width}x{height}, {size_text(ladder.bytes)}{resized}; "
            f"effort {ladder.effort}{notes}"
        ),
        wide=draw_ladder(ladder),
        narrow=draw_ladder(ladder, NARROW),
        smallest="\n".join(_smallest(ladder)),
        rows="\n".join(_rows(ladder)),
    )


def _resized(ladder: Ladder) -> str:
    return f", encoded at {ladder.width}x{ladder.height}"


def _smallest(ladder: Ladder) -> Iterator[str]:
    for level, goal in LEVELS.items():
        name = f"{level.replace('-', ' ')} ({goal:g})"
        ranked = ladder.ranked(goal)
        best = ranked[0]
        others = ", ".join(f"{rung.format} {more_text(rung, best)}" for rung in ranked[1:])
        cells = (best.format, str(best.quality))
        yield (
            f"<tr><th scope='row'>{name}</th>{_cells(*cells)}"
            f"{_cells(kilo_text(best.bytes), kind='number')}{_cells(others)}</tr>"
        )


def _rows(ladder: Ladder) -> Iterator[str]:
    for curve in ladder.curves:
        for rung in curve.steps:
            goals = curve.goals(rung)
            missed = ", not reached" if curve.missed(rung) else ""
            told = ", ".join(f"{goal:g}" for goal in goals) + missed
            yield _row(rung, told, chosen=bool(goals))
    chosen = {rung for curve in ladder.curves for rung in curve.steps}
    for rung in ladder.lossless:
        if rung not in chosen:
            yield _row(rung, "", chosen=False)


def _row(rung: Rung, goals: str, *, chosen: bool) -> str:
    words = _cells(str(rung.quality), rung.chroma)
    figures = (kilo_text(rung.bytes), f"{rung.bits_per_pixel:.2f}", score_text(rung.score, 1))
    kind = " class='chosen'" if chosen else ""
    level = rung.level.replace("-", " ")
    return (
        f"<tr{kind}><th scope='row'>{rung.format}</th>{words}"
        f"{_cells(*figures, kind='number')}{_cells(level, goals)}</tr>"
    )


def _cells(*texts: str, kind: str = "") -> str:
    named = f" class='{kind}'" if kind else ""
    return "".join(f"<td{named}>{escape(text)}</td>" for text in texts)
