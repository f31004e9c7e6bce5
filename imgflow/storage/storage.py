"""What a storage is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.source import Source


class Entry(NamedTuple):
    """A file or object: its URI and its length in bytes."""

    uri: str
    size: int


class Storage(Protocol):
    """Reads and writes whole files or objects; every error is a StorageError or SourceError."""

    def read(self, uri: str) -> Source:
        """Return the bytes of a source image; raises SourceError if there is none."""

    def write(self, uri: str, data: bytes) -> None:
        """Write all of ``data`` or nothing; readers never see a part of it."""

    def stat(self, uri: str) -> Entry | None:
        """Return what is there, or None."""

    def list(self, uri: str) -> Iterator[Entry]:
        """Return all files under a folder, at any depth, in a stable order."""

    def delete(self, uri: str) -> None:
        """Remove a file; it is no error if there is none."""
