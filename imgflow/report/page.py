"""The page of a report, but for its pictures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from imgflow.pages.template import fill_page, fill_part
from imgflow.report.rows import render_row
from imgflow.report.sections import (
    render_failures,
    render_formats,
    render_options,
    render_scores,
    render_times,
    render_totals,
    render_warnings,
)
from imgflow.report.standing import render_breaches, render_standing, standing_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.report.entry import Entry
    from imgflow.report.totals import Totals

#: Images whose figures and thumbnails are read at a time.
CHUNK = 50
_HOME = "imgflow.report"
_PICTURES = "\0"
#: An image of one pixel, to be there before there is one to show.
_NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def render_page(title: str, totals: Totals, ranked: Sequence[Entry]) -> tuple[str, str]:
    """Return what comes before the elements with pictures, and what comes after them."""
    stage = fill_part("stage.html", width=1, height=1, before=_NOTHING, after=_NOTHING)
    page = fill_page(
        "report",
        _HOME,
        uses=("stage",),
        images="data: 'self' file:",
        title=escape(title),
        about=standing_text(totals),
        totals=render_totals(totals),
        formats=render_formats(totals),
        scores=render_scores(totals),
        failures=render_failures(totals.summary.failures),
        breaches=render_breaches(totals),
        standing=render_standing(totals),
        warnings=render_warnings(totals),
        times=render_times(totals),
        options="".join(render_options(totals)),
        rows="\n".join(map(render_row, ranked)),
        chunk=CHUNK,
        stage=stage,
        pictures=_PICTURES,
    )
    before, _, after = page.partition(_PICTURES)
    return before, after
