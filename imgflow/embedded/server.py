"""A private server: its data in a folder, reached by this machine's user alone."""

from __future__ import annotations

import contextlib
import enum
import os
import secrets
import socket
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from imgflow.embedded.binary import find_binary
from imgflow.embedded.child import Child
from imgflow.embedded.folder import DataFolder
from imgflow.embedded.mending import mend_log
from imgflow.errors import QueueError

if TYPE_CHECKING:
    from imgflow.embedded.binary import Binary

#: Seconds that it may take to answer at all, and to write its data at the end.
_SILENCE, _LAST_WRITE = 30.0, 60.0
_SOCKET, _CONFIG, _LOG = "redis.sock", "server.conf", "server.log"
#: Holds the path of the program that used the data last: another might not understand them.
_PROGRAM = "server.path"

_SETTINGS = """\
daemonize no
dir .
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
loglevel warning
"""


class _Answer(enum.Enum):
    """What it says when it is asked whether it is there."""

    NONE, LOADING, READY = range(3)


class PrivateServer:
    """A Redis or Valkey of one's own, as long as this process lives.

    ``url`` is a unix socket in the folder, or, where there can be none (its path is too long,
    say), a loopback port with a password that nobody else knows. What was queued is on the
    disk a second later; what was acknowledged survives a crash of the server itself.
    """

    def __init__(self, folder: str, binary: Binary | None = None) -> None:
        """Start it, without waiting for it to answer.

        Raises UsageError if there is no server program or if the folder is in use, StorageError
        if the folder cannot be written.
        """
        self._folder = DataFolder(folder)
        try:
            self._before = _read(self._folder.join(_PROGRAM))
            self.binary = binary or find_binary(self._before)
            mend_log(self._folder.path)
            self.url, lines = _place(self._folder)
            _write_privately(self._folder.join(_CONFIG), _SETTINGS + lines)
            _write_privately(self._folder.join(_LOG), "")
            with open(self._folder.join(_LOG), "ab") as log:
                self.child = Child(
                    "redis",
                    [self.binary.path, _CONFIG],
                    folder=self._folder.path,
                    output=log,
                    holding=[self._folder.server_lock],
                    umask=0o077,
                )
        except BaseException:
            self._folder.release()
            raise

    @property
    def folder(self) -> str:
        """The absolute path of its data."""
        return self._folder.path

    def wait(self) -> None:
        """Wait until it answers; raises QueueError if it ends, or says nothing for 30 s.

        The loading of much data is no silence.
        """
        deadline = time.monotonic() + _SILENCE
        while (answer := self._ask()) is not _Answer.READY:
            if self.child.exit_code is not None:
                raise self._failure(f"ended with exit code {self.child.exit_code}")
            if answer is _Answer.LOADING:
                deadline = time.monotonic() + _SILENCE
            if time.monotonic() > deadline:
                raise self._failure("does not answer")
            time.sleep(0.02)
        _write_privately(self._folder.join(_PROGRAM), self.binary.path)

    def stop(self) -> None:
        """Stop it, all its data on the disk: SIGTERM is to a server what SHUTDOWN is."""
        self.child.stop(_LAST_WRITE)
        self._folder.release()

    def __enter__(self) -> Self:
        """Wait until it answers."""
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _ask(self) -> _Answer:
        from redis import Redis
        from redis.exceptions import BusyLoadingError, RedisError

        with Redis.from_url(self.url, retry=None, socket_timeout=2) as client:
            try:
                client.ping()
            except BusyLoadingError:
                return _Answer.LOADING
            except RedisError:
                return _Answer.NONE
        return _Answer.READY

    def _failure(self, what: str) -> QueueError:
        told = _read(self._folder.join(_LOG)).splitlines()[-5:]
        words = "".join(f"\n  {line}" for line in told) or " nothing"
        message = f"{self.binary}: {what}; data in {self.folder}; it says:{words}"
        if self._before not in {"", self.binary.path}:
            message += f"\nthe data was last used by {self._before}, and may need that"
        return QueueError(message, code="server-failed", retryable=False)


def _place(folder: DataFolder) -> tuple[str, str]:
    """Return the URL of a server in this folder, and the lines of its configuration."""
    path = folder.join(_SOCKET)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if _takes_sockets(path):
        return f"unix://{quote(path)}", f"port 0\nunixsocket {_SOCKET}\nunixsocketperm 700\n"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    password = secrets.token_urlsafe(32)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return url, f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"


def _takes_sockets(path: str) -> bool:
    """Tell whether a socket can be made there; on some file systems none can."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(path)
        except OSError:
            return False
    os.unlink(path)
    return True


def _write_privately(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""
