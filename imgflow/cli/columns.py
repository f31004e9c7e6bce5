"""Text in the width of the terminal, in one column or two."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from imgflow.cli.printing import print_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDEST = 100
_NARROWEST = 20


def print_text(text: str, *, indent: int = 0) -> None:
    """Print paragraphs, wrapped."""
    margin = " " * indent
    for paragraph in text.split("\n\n"):
        for line in _wrap(" ".join(paragraph.split()), indent):
            print_line(margin + line)


def print_columns(
    rows: Iterable[tuple[str, str]], *, indent: int = 0, widest: int = 24, column: int = 0
) -> None:
    """Print names on the left, and texts on the right, wrapped.

    The left column is ``column`` characters wide, or as wide as its names; a name of more
    than ``widest`` characters has a line of its own.
    """
    rows = list(rows)
    names = [len(left) for left, _ in rows if len(left) <= widest]
    longest = max(names, default=0) if column == 0 else column - 2
    start = indent + longest + 2
    for left, right in rows:
        lines = _wrap(right, start) or [""]
        if len(left) > longest:
            for line in _wrap(left, indent, hang="    "):
                print_line(" " * indent + line)
        else:
            print_line(f"{' ' * indent}{left:<{longest}}  {lines.pop(0)}".rstrip())
        for line in lines:
            print_line(" " * start + line)


def _wrap(text: str, start: int, *, hang: str = "") -> list[str]:
    """Return a text in lines that fit right of ``start``; names with hyphens stay whole.

    All lines but the first begin with ``hang``.
    """
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST) - start)
    return textwrap.wrap(text, width, break_on_hyphens=False, subsequent_indent=hang)
