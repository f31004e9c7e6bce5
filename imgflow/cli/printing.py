"""Output: lines of text or of JSON, and numbers as people read them."""

from __future__ import annotations

import sys
from typing import Any

_UNITS = ("B", "kB", "MB", "GB", "TB")
_MINUTE, _HOUR = 60, 3600


def print_json(value: Any) -> None:  # noqa: ANN401
    """Print a value as one line of JSON on standard output, at once.

    File names that are no text keep their odd bytes as escapes.
    """
    import json

    import msgspec

    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(value))
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_line(text: str = "") -> None:
    """Print a line of text on standard output, whatever characters the terminal knows."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def size_text(count: float) -> str:
    """Return a number of bytes as ``1.2 MB``, in powers of 1000."""
    for unit in _UNITS:
        if count < 999.5 or unit == _UNITS[-1]:  # noqa: PLR2004
            break
        count /= 1000
    digits = 0 if unit == "B" or count >= 99.95 else 1  # noqa: PLR2004
    return f"{count:.{digits}f} {unit}"


def change_text(saved: int) -> str:
    """Return ``1.2 MB saved``, or ``1.2 MB more`` for a negative number of bytes."""
    return f"{size_text(saved)} saved" if saved >= 0 else f"{size_text(-saved)} more"


def time_text(seconds: float) -> str:
    """Return a duration as ``4.2 s``, ``3:05`` or ``1:02:03``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _HOUR:
        return f"{minutes}:{rest:02}"
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02}:{rest:02}"


def count_text(count: int, noun: str) -> str:
    """Return ``1 image`` or ``1,200 images``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
