"""The bytes of one source image: in memory, or in a file that libvips can map."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os


@dataclasses.dataclass(frozen=True)
class Source:
    """An encoded image; ``name`` is what messages call it.

    Exactly one of ``data`` and ``path`` is set.
    """

    name: str
    data: bytes | None = None
    path: str | None = None

    @functools.cached_property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data) if self.data is not None else os.stat(self._file).st_size

    def head(self, length: int) -> bytes:
        """Return the first bytes."""
        if self.data is not None:
            return self.data[:length]
        with open(self._file, "rb") as file:
            return file.read(length)

    def read(self) -> bytes:
        """Return all bytes."""
        if self.data is not None:
            return self.data
        with open(self._file, "rb") as file:
            return file.read()

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        with open(self._file, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def _file(self) -> str:
        if self.path is None:
            message = "a source has either data or a path"
            raise ValueError(message)
        return self.path
