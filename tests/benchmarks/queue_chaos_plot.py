"""Draws a run of ``queue_chaos.py`` as SVG: one seed over time, and all times of recovery."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_killer import Recovery
    from queue_chaos import Run

#: A place on the page.
Point = tuple[float, float]

WIDTH, HEIGHT = 860, 620
INK, FAINT, BLUE, RED, ORANGE = "#1f2933", "#d5dae0", "#1f6feb", "#c62828", "#b26a00"
STYLE = "font-family='system-ui, sans-serif' font-size='13'"


class Panel(NamedTuple):
    """An area with axes: its place on the page, and the greatest values."""

    left: float
    top: float
    width: float
    height: float
    most_x: float
    most_y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point."""
        return (
            self.left + self.width * x / self.most_x,
            self.top + self.height * (1 - y / self.most_y),
        )


def draw(run: Run, recoveries: Sequence[Recovery]) -> str:
    """Return the picture: the timeline of a run above, the recoveries of all runs below."""
    parts = [*_timeline(run), *_distribution(recoveries)]
    title = "Workers killed every half second: jobs that ended over time, and times of recovery"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-label='{title}' {STYLE} fill='{INK}'>\n<title>{title}</title>\n"
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _timeline(run: Run) -> Iterator[str]:
    start = min([run.kills[0].at, *run.ended[:1]]) - 1
    last = max(run.ended[-1], run.kills[-1].at) - start
    panel = Panel(70, 50, WIDTH - 100, 220, _round_up(last, 5), len(run.ended))
    title = f"Seed {run.seed}: jobs that ended, {len(run.kills)} kills"
    yield _text((panel.left, 26), title, anchor="title")
    yield from _axes(panel, 5, max(1, round(panel.most_y / 4, -1)), "s", "jobs")
    for kill in run.kills:
        x, y = panel.at(kill.at - start, 0)
        yield _line((x, y), (x, y - 8), RED)
    for each in run.recoveries:
        begin, y = panel.at(each.at - start, _rank(run, each.at + each.after))
        end, _ = panel.at(each.at + each.after - start, 0)
        yield _line((begin, y), (end, y), ORANGE, 0.35)
    points = (panel.at(end - start, number + 1) for number, end in enumerate(run.ended))
    yield _curve(points, BLUE)
    yield _text((panel.left + 12, panel.top + 18), "ended", BLUE)
    yield _text((panel.left + 12, panel.top + 36), "a held job, from the kill to its start", ORANGE)
    yield _text((panel.left + 12, panel.top + 54), "a kill", RED)


def _rank(run: Run, at: float) -> int:
    """Return how many jobs had ended at a time."""
    return bisect.bisect(run.ended, at)


def _distribution(recoveries: Sequence[Recovery]) -> Iterator[str]:
    after = sorted(each.after for each in recoveries)
    panel = Panel(70, 370, WIDTH - 100, 190, max(22.0, _round_up(after[-1], 2)), 100)
    title = f"All seeds: seconds from a kill to the next start of {len(after)} held jobs"
    yield _text((panel.left, 346), title, anchor="title")
    yield from _axes(panel, 2, 25, "s", "%")
    x, bottom = panel.at(20, 0)
    yield _line((x, bottom), (x, panel.top), RED)
    yield _text((x + 5, panel.top + 14), "20 s", RED)
    points = [(each, 100 * (number + 1) / len(after)) for number, each in enumerate(after)]
    yield _curve((panel.at(*point) for point in [(0.0, 0.0), *points]), BLUE)


def _axes(panel: Panel, step_x: float, step_y: float, unit_x: str, unit_y: str) -> Iterator[str]:
    value = 0.0
    while value <= panel.most_y:
        x, y = panel.at(0, value)
        yield _line((x, y), (x + panel.width, y), FAINT)
        unit = f" {unit_y}" if value else ""
        yield _text((x - 8, y + 4), f"{value:g}{unit}", anchor="end")
        value += step_y
    value = 0.0
    while value <= panel.most_x:
        x, y = panel.at(value, 0)
        yield _line((x, y), (x, y + 4), INK)
        yield _text((x, y + 19), f"{value:g} {unit_x}", anchor="middle")
        value += step_x


def _curve(points: Iterator[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>"


def _line(start: Point, end: Point, colour: str, opacity: float = 1) -> str:
    ends = f"x1='{start[0]:.1f}' y1='{start[1]:.1f}' x2='{end[0]:.1f}' y2='{end[1]:.1f}'"
    return f"<line {ends} stroke='{colour}' stroke-opacity='{opacity:g}'/>"


def _text(place: Point, words: str, colour: str = INK, *, anchor: str = "start") -> str:
    """Return words; those of a title are bold and begin at their place."""
    weight = " font-weight='600'" if anchor == "title" else ""
    side = "start" if anchor == "title" else anchor
    where = f"x='{place[0]:.1f}' y='{place[1]:.1f}' text-anchor='{side}'"
    return f"<text {where} fill='{colour}'{weight}>{words}</text>"


def _round_up(value: float, step: float) -> float:
    return step * (int(value / step) + 1)
