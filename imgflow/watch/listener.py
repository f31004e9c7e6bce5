"""Changes in folders, as the system tells of them."""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING

from imgflow.errors import StorageError
from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Milliseconds without a change after which changes are passed on, and the most that they
#: are held back. An editor takes one or two to write a file and to rename it.
STEP, DEBOUNCE = 10, 100
#: Milliseconds between two looks where the system cannot tell of changes.
_POLL = 300


class Listener:
    """Hears of everything that changes right inside some folders, from its creation on.

    A thread of its own collects the changes, so that none is missed while pictures are made and
    signals reach the thread that waits.
    """

    def __init__(self, folders: Mapping[str, set[str]]) -> None:
        """Take folders by their real paths, with the names to report them by.

        Raises FileNotFoundError if one of them is not there any more, StorageError with the
        code ``watch-failed`` if they cannot be watched.
        """
        from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

        self.folders = folders
        paths = sorted(folders)
        try:
            self._notify = RustNotify(paths, False, False, _POLL, False, False)
        except FileNotFoundError:
            raise
        except (OSError, WatchfilesRustInternalError) as error:
            raise _refused(len(paths), error) from error
        self._heard: queue.SimpleQueue[set[str] | Exception] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="imgflow-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear no more."""
        self._stop.set()
        self._thread.join()
        self._notify.close()

    def wait(self, seconds: float | None) -> set[str]:
        """Return the paths that have changed, none after some seconds without a change.

        Raises StorageError with the code ``watch-failed`` if something cannot be told: nothing
        more is heard after that.
        """
        found: set[str] = set()
        try:
            heard = self._heard.get(timeout=seconds)
            while True:
                if isinstance(heard, Exception):
                    raise _refused(len(self.folders), heard) from heard
                found |= heard
                heard = self._heard.get_nowait()
        except queue.Empty:
            return found

    def _listen(self) -> None:
        try:
            while not self._stop.is_set():
                changes = self._notify.watch(DEBOUNCE, STEP, 0, self._stop)
                if not isinstance(changes, str):
                    self._heard.put({name for _, path in changes for name in self._names(path)})
        except Exception as error:  # noqa: BLE001 - whatever it is, the other thread must know
            self._heard.put(error)

    def _names(self, path: str) -> set[str]:
        """Return what a path is called: as a folder that is listened in, and inside of one."""
        folder, name = os.path.split(path)
        inside = {os.path.join(one, name) for one in self.folders.get(folder, ())}
        return self.folders.get(path, set()) | inside


def _refused(count: int, error: Exception) -> StorageError:
    message = (
        f"watch: {count_text(count, 'folder')} cannot be watched: {error}; leave folders out with "
        "inputs.exclude, or raise fs.inotify.max_user_watches and fs.inotify.max_user_instances"
    )
    return StorageError(message, code="watch-failed", retryable=False)
