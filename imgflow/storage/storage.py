"""What a storage is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from imgflow.storage.properties import PLAIN, Properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from mmap import mmap

    from imgflow.source import Source

    #: What can be written: bytes, or a mapped file.
    Data = bytes | mmap

Method = Literal["GET", "PUT"]
#: Seconds that a presigned URL is good for unless somebody asks for another time.
EXPIRES = 3600


class Entry(NamedTuple):
    """A file or object: its URI, its length in bytes and, where they are known, the rest.

    ``etag`` is the server's word for the content, ``modified`` is in UTC, and ``version`` is
    that of an object in a bucket with versions. ``kept`` says that a write found it there.
    """

    uri: str
    size: int
    etag: str = ""
    modified: datetime | None = None
    version: str = ""
    kept: bool = False


class Presigned(NamedTuple):
    """A URL that anybody may use until ``expires``: with ``method``, and with these headers.

    For a POST, ``fields`` go into the form before the field ``file``.
    """

    url: str
    method: str
    expires: datetime
    headers: Mapping[str, str]
    fields: Mapping[str, str]


class Storage(Protocol):
    """Reads and writes whole files or objects; every error is a StorageError or SourceError."""

    def read(self, uri: str) -> Source:
        """Return the bytes of a source image; raises SourceError if there is none."""

    def locate(self, uri: str) -> Source:
        """Return a source of which only what is looked at is fetched: its header, say."""

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        """Write all of ``data`` or nothing; readers never see a part of it.

        With ``properties.if_absent``, what is there is never replaced: it is left alone if it
        is the same, and raises StorageError with the code ``object-differs`` if it is not.
        """

    def stat(self, uri: str) -> Entry | None:
        """Return what is there, or None."""

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        """Yield all files under a folder, at any depth, in a stable order.

        With a ``prefix``, only those whose path below the folder begins with it.
        """

    def delete(self, uri: str) -> None:
        """Remove a file; it is no error if there is none."""

    def copy(self, source: str, target: str) -> Entry:
        """Copy a file, whole or not at all, without its bytes passing here if that can be."""

    def presign(
        self,
        uri: str,
        *,
        method: Method = "GET",
        expires: int = EXPIRES,
        content_type: str = "",
        content_length: int | None = None,
    ) -> Presigned:
        """Return a URL for somebody without credentials, good for ``expires`` seconds.

        A PUT may be bound to a content type and to a length in bytes. Raises StorageError
        with the code ``not-supported`` where there are no such URLs.
        """
