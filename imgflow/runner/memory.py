"""How much memory this process holds."""

from __future__ import annotations

import os
import sys


def private_bytes() -> int:
    """Return the memory that this process shares with no file, in bytes.

    Pages of mapped source files do not count: the system takes them back at will. Where
    there is no ``/proc``, this is the peak of all resident memory.
    """
    try:
        with open("/proc/self/statm", "rb") as file:
            _, resident, shared, *_ = file.read().split()
    except OSError:
        return _peak_bytes()
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def _peak_bytes() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
