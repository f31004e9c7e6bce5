"""Findings as a page of Markdown, which GitHub Actions shows below a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.check.legible import legible

if TYPE_CHECKING:
    from imgflow.check.checked import Checked
    from imgflow.check.finding import Finding

#: Bytes that the summary of a step may have; a longer one is refused as a whole.
MOST_BYTES = 1024 * 1024
#: Characters that mean something in Markdown, in its tables, or in HTML.
_SPECIAL = "\\`*_{}[]<>()#+!|~&$@^\"'"
_ENTITIES = str.maketrans({char: f"&#{ord(char)};" for char in _SPECIAL})
_HEAD = "| | |\n| --- | --- |\n"


def step_summary(checked: Checked, room: int = MOST_BYTES) -> str:
    """Return Markdown of at most ``room`` bytes, "" if not even the heading fits.

    Findings that do not fit are counted.
    """
    head = f"## imgflow check {_plain(checked.recipe)}\n\n{_plain(checked.words)}\n"
    tail = "".join(f"\n{_plain(line)}\n" for line in checked.advice) + "\n"
    rows = list(map(_row, checked.findings))
    fixed = _size(head) + _size(tail)
    if fixed > room:
        return ""
    return head + _table(rows, room - fixed) + tail


def _table(rows: list[str], room: int) -> str:
    if not rows:
        return ""
    sizes = [_size(row) for row in rows]
    if _size(_HEAD) + sum(sizes) + 1 <= room:
        return f"\n{_HEAD}{''.join(rows)}"
    left = room - _size(_HEAD) - _size(_more(len(rows))) - 1
    fitting = 0
    while fitting < len(rows) and sizes[fitting] <= left:
        left -= sizes[fitting]
        fitting += 1
    more = _more(len(rows) - fitting)
    return f"\n{_HEAD}{''.join(rows[:fitting])}{more}" if left >= 0 else ""


def _more(count: int) -> str:
    return f"| | and {count:,} more |\n"


def _row(finding: Finding) -> str:
    return f"| {finding.kind} | {_plain(finding.message)} |\n"


def _plain(text: str) -> str:
    """Return text that is shown as it is."""
    return legible(text).translate(_ENTITIES)


def _size(text: str) -> int:
    return len(text.encode())
