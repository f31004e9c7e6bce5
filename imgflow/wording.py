"""Numbers as people read them: sizes, shares, times and counts."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB")
_MINUTE = 60


def size_text(count: float) -> str:
    """Return a number of bytes as ``1.2 MB``, in powers of 1000."""
    for unit in _UNITS:
        if abs(count) < 999.5 or unit == _UNITS[-1]:  # noqa: PLR2004
            break
        count /= 1000
    digits = 0 if unit == "B" or abs(count) >= 99.95 else 1  # noqa: PLR2004
    return f"{count:.{digits}f} {unit}"


def kilo_text(count: float) -> str:
    """Return bytes in kB, with three figures or so: ``0.5``, ``12.3``, ``123``, ``1,234``."""
    kilo = count / 1000
    return f"{kilo:,.{0 if kilo >= 99.95 else 1}f}"  # noqa: PLR2004


def change_text(saved: int) -> str:
    """Return ``1.2 MB saved``, or ``1.2 MB more`` for a negative number of bytes."""
    return f"{size_text(saved)} saved" if saved >= 0 else f"{size_text(-saved)} more"


def share_text(share: float) -> str:
    """Return how much less a share of 1 is: ``63% smaller``, ``4% larger``."""
    change = round(100 * (1 - share))
    if change == 0:
        return "the same size" if share == 1 else "about the same size"
    return f"{abs(change)}% {'smaller' if change > 0 else 'larger'}"


def time_text(seconds: float) -> str:
    """Return a duration as ``0.42 s``, ``4.2 s``, ``3 min 5 s`` or ``1 h 2 min``."""
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.{2 if 0.005 <= seconds < 0.995 else 1}f} s"  # noqa: PLR2004
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours:,} h {minutes} min"


def count_text(count: int, noun: str) -> str:
    """Return ``1 image`` or ``1,200 images``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
