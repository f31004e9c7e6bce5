"""The append-only file of a server that was killed while it wrote a step."""

from __future__ import annotations

import mmap
import os
import re

#: How a step of several commands begins and ends in the file.
_BEGIN, _END = b"*1\r\n$5\r\nMULTI\r\n", b"*1\r\n$4\r\nEXEC\r\n"
_ARRAY, _STRING = re.compile(rb"\*(\d{1,10})\r\n"), re.compile(rb"\$(\d{1,10})\r\n")
#: The file that is written to is the last of those that follow on the base.
_LATEST = re.compile(r"^file (\S+) seq \d+ type i\b", re.MULTILINE)


def mend_log(folder: str) -> int:
    """Cut off a step whose end was never written; return the number of bytes that went.

    ``folder`` is the data folder of a server that does not run, with the default names of its
    files. The server itself cuts off only the torn command (seen in Redis 7.0 and Valkey 8.1; see
    valkey-io/valkey#4342): the commands before it stay behind an open MULTI, and are applied
    when it loads the file the next time, after the client has long repeated the whole step.
    """
    try:
        path = _latest_log(os.path.join(folder, "appendonlydir"))
        return _mend(path) if path else 0
    except OSError:
        # What cannot be read or written here, the server will tell of in its own words.
        return 0


def _latest_log(folder: str) -> str | None:
    with open(os.path.join(folder, "appendonly.aof.manifest"), encoding="utf-8") as manifest:
        names = _LATEST.findall(manifest.read())
    path = os.path.join(folder, names[-1]) if names else None
    return path if path and os.path.getsize(path) else None


def _mend(path: str) -> int:
    with open(path, "r+b") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log:
            torn = _find_torn(log)
            size = len(log)
        if torn < size:
            file.truncate(torn)
            os.fsync(file.fileno())
    return size - torn


def _find_torn(log: mmap.mmap) -> int:
    """Return where a last step without an end begins; the size of the file if all are whole."""
    last = log.rfind(_BEGIN)
    if last < 0 or log.find(_END, last) >= 0:
        return len(log)
    # Rare enough to look closely: these bytes may also stand in somebody's text.
    begin: int | None = None
    at = 0
    while at < len(log):
        word = log[at : at + len(_BEGIN)]
        if word == _BEGIN and begin is None:
            begin = at
        elif word.startswith(_END):
            begin = None
        after = _skip_command(log, at)
        if after is None:
            return len(log)
        at = after
    return len(log) if begin is None else begin


def _skip_command(log: mmap.mmap, at: int) -> int | None:
    """Return where the next command begins, or the file ends; None if this is no command."""
    array = _ARRAY.match(log, at)
    if array is None:
        return _end_if_cut(log, at)
    at = array.end()
    for _ in range(int(array[1])):
        string = _STRING.match(log, at)
        if string is None:
            return _end_if_cut(log, at)
        at = string.end() + int(string[1]) + len(b"\r\n")
    return at


def _end_if_cut(log: mmap.mmap, at: int) -> int | None:
    """Return the end of the file if it cuts off the number that is at a place."""
    return None if b"\n" in log[at : at + 16] else len(log)
