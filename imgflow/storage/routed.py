"""All storages as one: each URI goes to the storage of its scheme."""

from __future__ import annotations

import functools
import re
import threading
from typing import TYPE_CHECKING, Any

from imgflow.errors import StorageError
from imgflow.limits import DEFAULT_LIMITS
from imgflow.storage.local import LocalStorage
from imgflow.storage.properties import PLAIN, Properties
from imgflow.storage.storage import EXPIRES, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from imgflow.guard import Allowed
    from imgflow.source import Source
    from imgflow.storage.s3 import Store
    from imgflow.storage.storage import Data, Method, Presigned, Storage

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_FILE = "file"


class RoutedStorage:
    """Paths and ``file://`` go to local files, other schemes where ``openers`` says.

    Each storage is opened for the first URI of its scheme, and not before: what is not used is
    not even imported. May be used by several threads.
    """

    def __init__(self, openers: Mapping[str, Callable[[], Storage]]) -> None:
        """Open nothing yet but local files."""
        self._openers = openers
        self._files = LocalStorage()
        self._opened: dict[str, Storage] = {}
        self._lock = threading.Lock()

    def read(self, uri: str) -> Source:
        """Read from wherever it is."""
        storage, place = self.find(uri)
        return storage.read(place)

    def locate(self, uri: str) -> Source:
        """Look at it wherever it is."""
        storage, place = self.find(uri)
        return storage.locate(place)

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        """Write to wherever it shall go."""
        storage, place = self.find(uri)
        return storage.write(place, data, properties)

    def stat(self, uri: str) -> Entry | None:
        """Return what is there, or None."""
        storage, place = self.find(uri)
        return storage.stat(place)

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        """Yield the files below a folder."""
        storage, place = self.find(uri)
        return storage.list(place, prefix)

    def delete(self, uri: str) -> None:
        """Remove a file."""
        storage, place = self.find(uri)
        storage.delete(place)

    def copy(self, source: str, target: str) -> Entry:
        """Copy inside one storage, or through this machine from one to another."""
        (giver, start), (taker, end) = self.find(source), self.find(target)
        if giver is taker:
            return giver.copy(start, end)
        found = giver.read(start)
        with found.view() as data:
            return taker.write(end, data)  # type: ignore[arg-type] # bytes or a map: it was read

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
        storage, place = self.find(uri)
        return storage.presign(
            place,
            method=method,
            expires=expires,
            content_type=content_type,
            content_length=content_length,
        )

    def close(self) -> None:
        """Finish the file that another thread is writing, refuse all others, hang up."""
        self._files.close()
        for storage in self._opened.values():
            end: Any = getattr(storage, "close", None)
            if end is not None:
                end()

    def find(self, uri: str) -> tuple[Storage, str]:
        """Return the storage of a URI, and what the URI is called there."""
        match = _SCHEME.match(uri)
        if match is None:
            return self._files, uri
        scheme = match[1].lower()
        if scheme == _FILE:
            from imgflow.guard.paths import parse_path

            return self._files, parse_path(uri)
        return self._open(scheme), scheme + uri[match.end(1) :]

    def _open(self, scheme: str) -> Storage:
        with self._lock:
            if scheme not in self._opened:
                if scheme not in self._openers:
                    known = ", ".join(f"{name}://" for name in (_FILE, *self._openers))
                    message = f"{scheme}://: expected a path or one of {known}, found another"
                    raise StorageError(message, code="unknown-scheme", retryable=False)
                self._opened[scheme] = self._openers[scheme]()
            return self._opened[scheme]


def open_storages(
    stores: Mapping[str, Store] | None = None,
    *,
    allowed: Allowed | None = None,
    largest: int = DEFAULT_LIMITS.source_bytes,
) -> RoutedStorage:
    """Return local files, S3 and the web as one storage.

    ``stores`` are those with names, see :mod:`imgflow.storage.stores`. The web is as far as
    ``allowed`` goes: all of the public one unless it is given. Sources above ``largest`` bytes
    are refused.
    """
    stores = stores or {}

    def open_s3(name: str) -> Storage:
        from imgflow.storage.s3 import S3Storage
        from imgflow.storage.stores import DEFAULT

        own = "" if name == DEFAULT else name
        return S3Storage(store=stores.get(name), name=own, largest=largest)

    def open_web() -> Storage:
        from imgflow.guard import Allowed, Bounds, Client
        from imgflow.storage.web import WebStorage

        places = allowed if allowed is not None else Allowed(["http://", "https://"])
        return WebStorage(Client(places, bounds=Bounds(bytes=largest)))

    openers: dict[str, Callable[[], Storage]] = {"http": open_web, "https": open_web}
    for name in {"default", *stores}:
        scheme = "s3" if name == "default" else f"s3+{name}"
        openers[scheme] = functools.partial(open_s3, name)
    return RoutedStorage(openers)
