"""Files in the memory of this process, for tests."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import SourceError
from imgflow.source import Source
from imgflow.storage.properties import PLAIN, Properties
from imgflow.storage.storage import EXPIRES, Entry
from imgflow.storage.wording import different, missing, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.storage.storage import Data, Method, Presigned


class Stored(NamedTuple):
    """A file in memory, and what was said about it."""

    entry: Entry
    data: bytes
    properties: Properties


class MemoryStorage:
    """Files by any URI, ``memory://a/b`` say; may be used by several threads."""

    def __init__(self) -> None:
        """Start empty; ``files`` may be looked at."""
        self.files: dict[str, Stored] = {}
        self._lock = threading.Lock()

    def read(self, uri: str) -> Source:
        """Return a file; raises SourceError if there is none."""
        return Source(uri, data=self._find(uri).data)

    def locate(self, uri: str) -> Source:
        """Return a file, as it is here anyway."""
        return self.read(uri)

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        """Keep a copy of the data."""
        content = bytes(data)
        etag = hashlib.sha256(content).hexdigest()
        entry = Entry(uri, len(content), etag, datetime.now(UTC))
        with self._lock:
            there = self.files.get(uri)
            if there and properties.if_absent:
                if there.data != content:
                    raise different(uri, len(content), there.entry.size)
                return there.entry._replace(kept=True)
            self.files[uri] = Stored(entry, content, properties)
        return entry

    def stat(self, uri: str) -> Entry | None:
        """Return what is known of a file, or None."""
        found = self.files.get(uri)
        return found.entry if found else None

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        """Yield the files below a folder in the order of their names."""
        folder = uri if uri.endswith("/") else f"{uri}/"
        for name in sorted(self.files):
            if name.startswith(folder + prefix):
                yield self.files[name].entry

    def delete(self, uri: str) -> None:
        """Forget a file."""
        with self._lock:
            self.files.pop(uri, None)

    def copy(self, source: str, target: str) -> Entry:
        """Keep a file under another name too, with what was said about it."""
        found = self._find(source)
        return self.write(target, found.data, found.properties)

    def presign(
        self,
        uri: str,
        *,
        method: Method = "GET",  # noqa: ARG002
        expires: int = EXPIRES,  # noqa: ARG002
        content_type: str = "",  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> Presigned:
        """Refuse: nobody else can reach this memory."""
        raise unsupported(uri, "presigned URLs")

    def _find(self, uri: str) -> Stored:
        try:
            return self.files[uri]
        except KeyError:
            raise SourceError(missing(uri), code="source-missing") from None
