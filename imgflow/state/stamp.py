"""What tells quickly that a file is still the one it was."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from typing import NamedTuple

#: Nanoseconds after which a change must show in the clock of a file system: ticks are 10 ms and
#: less, and 2 s where whole seconds are all there is.
TICK, COARSE_TICK = 20_000_000, 2_000_000_000
_SECOND = 1_000_000_000


class Stamp(NamedTuple):
    """What the system says of a file: bytes, times of its content and of its entry, number.

    ``ctime_ns`` is beside the time of the content, because that one can be set back.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Fingerprint(NamedTuple):
    """The SHA-256 of a file in hex, and the stamp that vouches for it from now on.

    The stamp is None if the file changed so short a time ago, or while it was read, that
    another change might leave no trace in it.
    """

    digest: str
    stamp: Stamp | None


def read_stamp(path: str) -> Stamp | None:
    """Return the stamp of a file, None where there is no regular file."""
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    return _stamp(info) if stat.S_ISREG(info.st_mode) else None


def is_settled(stamp: Stamp) -> bool:
    """Tell whether a change from now on would show in the stamp."""
    tick = TICK if stamp.ctime_ns % _SECOND else COARSE_TICK
    return time.time_ns() - stamp.ctime_ns > tick


def take_fingerprint(path: str) -> Fingerprint | None:
    """Read a file; return None where there is no regular file that can be read."""
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            settled = is_settled(_stamp(before))
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(after.st_mode):
        return None
    same = _stamp(before) == _stamp(after)
    return Fingerprint(digest, _stamp(after) if settled and same else None)


def _stamp(info: os.stat_result) -> Stamp:
    return Stamp(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
