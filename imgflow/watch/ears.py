"""Listens in the folders of a scene, whichever those are by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import StorageError
from imgflow.watch.folders import folders_of
from imgflow.watch.listener import Listener

if TYPE_CHECKING:
    from collections.abc import Collection

    from imgflow.watch.scene import Scene

#: Times that folders may vanish while they are counted, or that listening may fail, in a row.
_TRIES = 20


class Ears:
    """One listener at a time; the next one hears before the last one is closed."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self._listener: Listener | None = None
        self._names: frozenset[str] = frozenset()
        self._failures = 0

    @property
    def names(self) -> Collection[str]:
        """The folders that are listened in, as scenes call them."""
        return self._names

    def listen(self, scene: Scene, *, anew: bool = False) -> bool:
        """Listen to a scene; tell whether that took a new listener, which knows of nothing before.

        ``anew`` says that a folder may be another one under the same name. Raises StorageError.
        """
        for _ in range(_TRIES):
            folders = folders_of(scene)
            if not anew and self._listener and self._listener.folders == folders:
                return False
            try:
                listener = Listener(folders)
            except FileNotFoundError:
                continue
            self.close()
            self._listener = listener
            self._names = frozenset().union(*folders.values())
            return True
        message = "watch: expected folders that stay, found that they come and go"
        raise StorageError(message, code="watch-failed")

    def wait(self, seconds: float | None) -> set[str] | None:
        """Return the paths that have changed, see :meth:`Listener.wait`.

        None says that something was not heard, because of a name that is no text, say: nothing
        more is, before a new listener. Raises StorageError if that happens again and again.
        """
        try:
            heard = self._listener.wait(seconds) if self._listener else set()
        except StorageError:
            self._failures += 1
            if self._failures > _TRIES:
                raise
            return None
        self._failures = 0
        return heard

    def close(self) -> None:
        """Hear no more."""
        if self._listener:
            self._listener.close()
            self._listener = None
