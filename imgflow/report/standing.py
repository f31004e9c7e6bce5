"""What a report says of budgets, of what is not up to date, and of what is made no more."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.report.totals import Totals

#: So many names are shown at once; more of them unfold.
_FEW = 5


def standing_text(totals: Totals) -> str:
    """Return how many images there are, and how they stand, in one line."""
    parts = (
        (totals.summary.completed, "done"),
        (len(totals.summary.failures), "failed"),
        (totals.undone, "not up to date"),
        (totals.unreached, "not reached"),
    )
    told = ", ".join(f"{count:,} {word}" for count, word in parts if count)
    counted = count_text(totals.images, "image")
    return f"{counted}: {told}" if told else counted


def render_breaches(totals: Totals) -> str:
    """Return the section of the budgets that are not kept; nothing if all are."""
    if not totals.breaches:
        return ""
    rows = "\n".join(f"<li>{escape(breach.message)}</li>" for breach in totals.breaches)
    return _section("budgets", "Over budget", rows)


def render_standing(totals: Totals) -> str:
    """Return the section of what is not up to date, and why; nothing if all is."""
    rows = [
        _group("; ".join(reasons), names)
        for reasons, names in sorted(totals.stale.items(), key=lambda item: -len(item[1]))
    ]
    if totals.unreached:
        counted = count_text(totals.unreached, "image")
        rows.append(_row(f"{counted} not reached", "The run was stopped before."))
    if totals.orphans:
        counted = count_text(totals.orphans, "file")
        told = "Made once, and no more: 'imgflow clean' removes what was not edited since."
        rows.append(_row(f"{counted} orphaned", told))
    if not rows:
        return ""
    return _section("stale", "Not up to date", "".join(rows))


def _section(name: str, title: str, rows: str) -> str:
    return (
        f"<section class='panel' aria-labelledby='{name}'><h2 id='{name}'>{title}</h2>"
        f"<ul class='failures' tabindex='0' aria-labelledby='{name}'>{rows}</ul></section>"
    )


def _group(reason: str, names: Sequence[str]) -> str:
    if len(names) <= _FEW:
        listed = f"<p>{'<br>'.join(map(escape, names))}</p>"
    else:
        items = "".join(f"<li>{escape(name)}</li>" for name in names)
        counted = count_text(len(names), "image")
        listed = f"<details><summary>{counted}</summary><ul>{items}</ul></details>"
    return f"<li><p class='name'>{escape(reason)}</p>{listed}</li>\n"


def _row(name: str, told: str) -> str:
    return f"<li><p class='name'>{escape(name)}</p><p class='quiet'>{escape(told)}</p></li>\n"
