"""The bytes of one source image: in memory, in a file that libvips can map, or far away."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import io
import mmap
import os
from typing import TYPE_CHECKING, BinaryIO

from imgflow.parts import PartsFile, PartsView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.parts import Parts, View


@dataclasses.dataclass(frozen=True)
class Source:
    """An encoded image; ``name`` is what messages call it.

    Exactly one of ``data``, ``path`` and ``parts`` is set. ``keeper`` is what has to live as
    long as the source does: the file at ``path`` may go with it.
    """

    name: str
    data: bytes | None = None
    path: str | None = None
    parts: Parts | None = None
    keeper: object = None

    @functools.cached_property
    def size(self) -> int:
        """Length in bytes."""
        if self.parts is not None:
            return self.parts.size
        return len(self.data) if self.data is not None else os.stat(self._file).st_size

    def head(self, length: int) -> bytes:
        """Return the first bytes."""
        if self.data is not None:
            return self.data[:length]
        with self.open() as file:
            return file.read(length)

    def read(self) -> bytes:
        """Return all bytes."""
        if self.data is not None:
            return self.data
        if self.parts is not None:
            return b"".join(self.parts)
        with self.open() as file:
            return file.read()

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        if self.parts is not None:
            digest = hashlib.sha256()
            for piece in self.parts:
                digest.update(piece)
            return digest.hexdigest()
        with open(self._file, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def open(self) -> BinaryIO:
        """Return a new file to read from; of parts, it fetches what is read."""
        if self.data is not None:
            return io.BytesIO(self.data)
        if self.parts is not None:
            return io.BufferedReader(PartsFile(self.parts), 4096)
        return open(self._file, "rb")

    @contextlib.contextmanager
    def view(self) -> Iterator[View]:
        """Give the bytes to look at here and there; those of a file are mapped, not read."""
        if self.parts is not None:
            yield PartsView(self.parts)
            return
        if self.path is None or not self.size:
            yield self.read()
            return
        with (
            open(self.path, "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
        ):
            yield view

    @property
    def _file(self) -> str:
        if self.path is None:
            message = "a source has either data or a path"
            raise ValueError(message)
        return self.path
