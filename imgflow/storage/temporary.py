"""Temporary files: hidden, and named after the process that writes them."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import socket
import time

SUFFIX = ".imgflow-tmp"
#: Seconds after which a temporary file of another machine is taken for an orphan.
_ORPHAN_AGE = 86_400.0


def temporary_name() -> str:
    """Return a hidden name that tells which process of which machine writes the file."""
    return f".{_machine()}.{os.getpid()}.{secrets.token_hex(4)}{SUFFIX}"


def clear_stale(folder: str) -> None:
    """Remove what killed processes left in a folder.

    A file of this machine is stale if its process is gone, one of another machine (the
    folder may be shared) if it is a day old.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX):
                with contextlib.suppress(OSError):
                    if _is_stale(entry):
                        os.unlink(entry.path)


def _is_stale(entry: os.DirEntry[str]) -> bool:
    machine, _, rest = entry.name.removeprefix(".").rpartition(SUFFIX)[0].partition(".")
    pid = rest.partition(".")[0]
    if machine == _machine() and pid.isdecimal():
        return not _is_alive(int(pid))
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > _ORPHAN_AGE


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@functools.cache
def _machine() -> str:
    """Name this machine, and the process table that a pid belongs to: containers have own ones.

    Without dots, so that the parts of a name can be told apart.
    """
    host = socket.gethostname().replace(".", "-")[:64]
    try:
        table = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        table = 0
    return f"{host}-{table}"
