"""Bytes that are far away: fetched in parts, where somebody looks at them."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Protocol

from imgflow.errors import ImgflowError

if TYPE_CHECKING:
    from collections.abc import Iterator


class View(Protocol):
    """Bytes that pieces can be cut from without reading them all."""

    def __len__(self) -> int: ...

    def __getitem__(self, piece: slice, /) -> bytes: ...


class Parts(Protocol):
    """Bytes that are far away, and fetched where somebody looks at them."""

    @property
    def size(self) -> int:
        """Length of the whole in bytes."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Return at most ``length`` bytes from an offset; none only at the end."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the whole, piece by piece."""


class PartsFile(io.RawIOBase):
    """Parts as a file that can be read from any place."""

    def __init__(self, parts: Parts) -> None:
        """Start at the first byte."""
        super().__init__()
        self._parts = parts
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from any place."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place; nothing is fetched by that."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._parts.size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fetch the next bytes."""
        data = self._parts.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class PartsView:
    """Parts as bytes that pieces can be cut from."""

    def __init__(self, parts: Parts) -> None:
        """Look at ``parts``."""
        self._parts = parts

    def __len__(self) -> int:
        return self._parts.size

    def __getitem__(self, piece: slice, /) -> bytes:
        start, stop, _ = piece.indices(self._parts.size)
        with PartsFile(self._parts) as file:
            file.seek(start)
            return io.BufferedReader(file).read(max(stop - start, 0))


class WatchedFile:
    """Parts as a foreign library reads them: without exceptions, which are kept."""

    def __init__(self, parts: Parts) -> None:
        """Start at the first byte."""
        self._file = PartsFile(parts)
        self._failure: ImgflowError | None = None

    def fetch(self, length: int) -> bytes:
        """Return the next bytes, at most as many; none at the end or where it failed."""
        buffer = bytearray(length)
        try:
            return bytes(buffer[: self._file.readinto(buffer)])
        except ImgflowError as error:
            self._failure = error
            return b""

    def move(self, offset: int, whence: int) -> int:
        """Go to another place, and return where that is."""
        return self._file.seek(offset, whence)

    def check(self) -> None:
        """Raise what went wrong."""
        if self._failure is not None:
            raise self._failure
