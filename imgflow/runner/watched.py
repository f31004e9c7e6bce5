"""A storage that looks at every URI before it passes it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.storage.properties import PLAIN, Properties
from imgflow.storage.storage import EXPIRES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.source import Source
    from imgflow.storage import Entry, Storage
    from imgflow.storage.storage import Data, Method, Presigned


class WatchedStorage:
    """Passes everything on; those who inherit say what may be read, and what changed.

    See :class:`imgflow.storage.Storage` for what the methods do.
    """

    def __init__(self, storage: Storage) -> None:
        """Stand before ``storage``."""
        self._storage = storage

    def check(self, uri: str) -> str:
        """Return the URI to use, for any purpose; raises StorageError if there is none."""
        return uri

    def check_change(self, uri: str) -> None:
        """Raise StorageError if what is there may not be changed now."""

    def read(self, uri: str) -> Source:
        """Read."""
        return self._storage.read(self.check(uri))

    def locate(self, uri: str) -> Source:
        """Look at the header."""
        return self._storage.locate(self.check(uri))

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        """Write."""
        place = self.check(uri)
        self.check_change(place)
        return self._storage.write(place, data, properties)

    def stat(self, uri: str) -> Entry | None:
        """Return what is there."""
        return self._storage.stat(self.check(uri))

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        """Yield all files under a folder."""
        return self._storage.list(self.check(uri), prefix)

    def delete(self, uri: str) -> None:
        """Remove."""
        place = self.check(uri)
        self.check_change(place)
        self._storage.delete(place)

    def copy(self, source: str, target: str) -> Entry:
        """Copy."""
        start, end = self.check(source), self.check(target)
        self.check_change(end)
        return self._storage.copy(start, end)

    def presign(
        self,
        uri: str,
        *,
        method: Method = "GET",
        expires: int = EXPIRES,
        content_type: str = "",
        content_length: int | None = None,
    ) -> Presigned:
        """Return a URL for somebody without credentials."""
        return self._storage.presign(
            self.check(uri),
            method=method,
            expires=expires,
            content_type=content_type,
            content_length=content_length,
        )
