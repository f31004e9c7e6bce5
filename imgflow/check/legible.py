"""Text that any file format can hold."""

from __future__ import annotations


def legible(text: str) -> str:
    r"""Return a text on one line, with control characters as escapes: ``\n``, ``\x1b``."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
