"""The graph of a ladder, as SVG: a line for each format, and the chosen files on it."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

from imgflow.ladder.labels import Labels, box_around, box_beside, boxes_along
from imgflow.ladder.look import LOOKS, rules, shape_path
from imgflow.ladder.panel import LEVEL_LINES, Panel, Point, panel_for
from imgflow.wording import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.ladder.labels import Box
    from imgflow.ladder.rungs import Curve, Ladder, Rung

WIDE = (860, 540)
#: The same for a phone, on which the wide one would be too small to read.
NARROW = (340, 420)
_SYSTEM_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
_SMALL, _LARGE = 3.0, 6.5
#: Width of an entry of the legend, and of a letter of the title.
_ENTRY, _TITLE_LETTER = 58, 8.2
_INDENT = 6
#: Below this width of the area there is no room for sizes at the marks.
_BRIEF_BELOW = 500


def draw_ladder(
    ladder: Ladder,
    size: tuple[int, int] = WIDE,
    *,
    font: str = _SYSTEM_FONT,
    adaptive: bool = True,
) -> str:
    """Return a whole SVG; ``adaptive`` is dark where the system is."""
    width, height = size
    panel = panel_for(ladder, width, height)
    title = f"Size and score of {os.path.basename(ladder.name)}, {ladder.width}x{ladder.height}"
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{escape(title)}">'
    )
    parts = [
        start,
        f"<title>{escape(title)}</title>",
        f"<style>{rules(font, adaptive=adaptive)}</style>",
        f'<rect class="back" width="{width}" height="{height}"/>',
        _text(12, 20, _cut(title, int((width - 24) / _TITLE_LETTER)), "title"),
        *_legend(ladder),
        *_axes(panel),
        *_levels(panel),
        *(part for curve in ladder.curves for part in _curve(panel, curve)),
        *_marks(panel, ladder),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes(panel: Panel) -> Iterator[str]:
    left, top, right, bottom = panel[:4]
    for score in panel.scores:
        _, y = panel.at(panel.least_bytes, score)
        yield f'<path class="axis" d="M{left:g} {y:g}H{right:g}"/>'
        yield _text(left - 6, y + 4, f"{score}", "quiet", "end")
    for size in panel.sizes:
        x, _ = panel.at(size, panel.least_score)
        yield f'<path class="axis" d="M{x:g} {top:g}V{bottom:g}"/>'
        yield _text(x, bottom + 16, f"{size / 1000:,g}", "quiet", "middle")
    yield _text((left + right) / 2, bottom + 35, "file size in kB, logarithmic", "", "middle")
    yield _text(8, top - 8, "score", "")


def _levels(panel: Panel) -> Iterator[str]:
    for score, name in LEVEL_LINES:
        _, y = panel.at(panel.least_bytes, score)
        yield f'<path class="level" d="M{panel.left:g} {y:g}H{panel.right:g}"/>'
        yield _text(panel.left + _INDENT, y - 5, name, "quiet")


def _level_words(panel: Panel) -> Iterator[Box]:
    for score, name in LEVEL_LINES:
        _, y = panel.at(panel.least_bytes, score)
        yield box_beside(Point(panel.left + _INDENT, y - 5), name)


def _curve(panel: Panel, curve: Curve) -> Iterator[str]:
    if points := _points(panel, curve):
        line = "L".join(f"{point.x:g} {point.y:g}" for point in points)
        yield f'<g class="{curve.format}"><path class="line" d="M{line}"/></g>'


def _points(panel: Panel, curve: Curve) -> list[Point]:
    return [panel.at(rung.bytes, rung.score) for rung in curve.rungs]


def _marks(panel: Panel, ladder: Ladder) -> Iterator[str]:
    """Yield all files as marks: the chosen ones, and those without loss, large and with words."""
    named = _named(ladder)
    places = {rung: panel.at(rung.bytes, rung.score) for rung in ladder.rungs}
    radius = {rung: _LARGE if rung in named else _SMALL for rung in ladder.rungs}
    taken = [box_around(place, radius[rung]) for rung, place in places.items()]
    lines = (box for curve in ladder.curves for box in boxes_along(_points(panel, curve)))
    labels = Labels(panel, [*taken, *lines, *_level_words(panel)])
    brief = panel.right - panel.left < _BRIEF_BELOW
    for rung, place in sorted(places.items(), key=lambda item: item[0] in named):
        yield f'<g class="{rung.format}">'
        yield _mark(rung, place, radius[rung], chosen=rung in named)
        yield "</g>"
    for rung in named:
        label = labels.put(_words(rung, brief=brief), places[rung])
        text = _text(*label.place, label.text, "label")
        yield f'<g class="{rung.format}">{text}</g>'


def _named(ladder: Ladder) -> tuple[Rung, ...]:
    chosen = (choice.rung for curve in ladder.curves for choice in curve.choices)
    return tuple(dict.fromkeys((*chosen, *ladder.lossless)))


def _mark(rung: Rung, place: Point, radius: float, *, chosen: bool) -> str:
    told = f"{rung.format} {rung.quality}: {size_text(rung.bytes)}, score {rung.score:.2f}"
    shape = shape_path(LOOKS[rung.format].shape, *place, radius)
    kind = "mark chosen" if chosen else "mark"
    return f'<path class="{kind}" d="{shape}"><title>{told}</title></path>'


def _words(rung: Rung, *, brief: bool) -> str:
    """Return the label of a chosen file: its quality, and its size where there is room."""
    quality = rung.quality if isinstance(rung.quality, str) else f"q{rung.quality}"
    return quality if brief else f"{quality}, {size_text(rung.bytes)}"


def _legend(ladder: Ladder) -> Iterator[str]:
    names = dict.fromkeys(rung.format for rung in ladder.rungs)
    for index, name in enumerate(names):
        x, y = 62 + index * _ENTRY, 40
        shape = shape_path(LOOKS[name].shape, x, y - 4, 5)
        yield f'<g class="{name}"><path class="mark" d="{shape}"/></g>'
        yield _text(x + 10, y, name, "")


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    ends = "" if anchor == "start" else f' text-anchor="{anchor}"'
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{ends}{named}>{escape(text)}</text>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
