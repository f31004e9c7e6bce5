"""A data folder, for one server at a time."""

from __future__ import annotations

import fcntl
import os
import time

from imgflow.embedded.child import GRACE
from imgflow.errors import StorageError, UsageError

#: Held by the process that starts the server, and by the server itself until its last breath.
_OWNER, _SERVER = "owner.lock", "server.lock"


class DataFolder:
    """The folder ``path`` (absolute), made if need be, and locked until ``release``.

    A lock goes with its process, so nothing is left to clean up after a crash. The server
    holds a lock of its own (``server_lock``), because it may outlive a killed parent by the
    moment that it takes to write its data: then the next owner waits for it.
    """

    def __init__(self, path: str) -> None:
        """Lock it; raises UsageError with code ``data-in-use`` if another process has it."""
        self.path = os.path.abspath(path)
        self._locks: list[int] = []
        try:
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            self._take(_OWNER, 0)
            os.write(self._locks[0], f"{os.getpid()}\n".encode())
            self._take(_SERVER, 2 * GRACE)
        except OSError as error:
            self.release()
            message = f"{self.path}: expected a folder to keep data in: {error.strerror}"
            raise StorageError(message, code="write-failed", retryable=False) from error
        except UsageError:
            self.release()
            raise

    @property
    def server_lock(self) -> int:
        """The descriptor to hand to the server."""
        return self._locks[1]

    def join(self, name: str) -> str:
        """Return the path of a file in it."""
        return os.path.join(self.path, name)

    def release(self) -> None:
        """Let others have it."""
        while self._locks:
            os.close(self._locks.pop())

    def _take(self, name: str, seconds: float) -> None:
        lock = os.open(self.join(name), os.O_RDWR | os.O_CREAT, 0o600)
        self._locks.append(lock)
        deadline = time.monotonic() + seconds
        while not _lock_now(lock):
            if time.monotonic() >= deadline:
                raise self._refusal(lock)
            time.sleep(0.05)
        os.truncate(lock, 0)

    def _refusal(self, lock: int) -> UsageError:
        owner = os.read(lock, 20).decode(errors="replace").strip()
        process = f" (process {owner})" if owner else ""
        message = (
            f"{self.path}: expected data that nobody uses, found it in use by another "
            f"imgflow{process}; stop that one, or choose another folder"
        )
        return UsageError(message, code="data-in-use")


def _lock_now(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
