"""Processes as the kernel sees them."""

from __future__ import annotations

import os
from pathlib import Path


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def children(pid: int) -> list[int]:
    """Return the living processes that a process has started."""
    found = []
    for one in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(one)
    return found


def descendants(pid: int) -> list[int]:
    """Return the living processes below a process."""
    below = children(pid)
    return [*below, *(one for child in below for one in descendants(child))]
