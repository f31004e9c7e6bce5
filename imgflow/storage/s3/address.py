"""URIs of objects: ``s3://bucket/key``, the key as it is, with nothing decoded.

Spaces, ``#``, ``?``, ``%``, ``+`` and slashes anywhere are part of the key. A version is told
by ``?versionId=...`` at the very end, and nowhere else; a key that ends like that itself is
followed by an empty ``?versionId=``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from imgflow.errors import StorageError

LONGEST_KEY = 1024
_URI = re.compile(
    r"(s3(?:\+[a-z0-9][a-z0-9-]*)?)://([A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9])(?:/(.*))?",
    re.DOTALL | re.ASCII,
)
_VERSION = re.compile(r"(.*)\?versionId=([\w.~+/=-]*)", re.DOTALL | re.ASCII)


class Address(NamedTuple):
    """Where an object is; ``scheme`` is ``s3``, or ``s3+name`` for a store with a name."""

    scheme: str
    bucket: str
    key: str
    version: str = ""

    def __str__(self) -> str:
        """Write the URI."""
        version = f"?versionId={self.version}" if self.version else ""
        if not version and _VERSION.fullmatch(self.key):
            version = "?versionId="
        return f"{self.scheme}://{self.bucket}/{self.key}{version}"

    @property
    def target(self) -> dict[str, str]:
        """Bucket, key and version as parameters of a request."""
        version = {"VersionId": self.version} if self.version else {}
        return {"Bucket": self.bucket, "Key": self.key, **version}


def parse_address(uri: str, scheme: str) -> Address:
    """Return where an object is; raises StorageError with the code ``bad-uri``."""
    place = parse_place(uri, scheme)
    if not place.key:
        raise _bad(uri, f"a key after the bucket, as in {scheme}://bucket/photos/cat.jpg", "none")
    return place


def parse_place(uri: str, scheme: str) -> Address:
    """Return where an object or a folder is; its key may be empty."""
    match = _URI.fullmatch(uri)
    if not match or match[1] != scheme:
        raise _bad(
            uri, f"a bucket and a key as in {scheme}://bucket/photos/cat.jpg", "another form"
        )
    key, version = match[3] or "", ""
    if found := _VERSION.fullmatch(key):
        key, version = found[1], found[2]
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise _bad(uri, "a key in Unicode", "half of a character") from error
    if length > LONGEST_KEY:
        raise _bad(uri, f"a key of at most {LONGEST_KEY} bytes", f"{length}")
    if "\0" in key:
        raise _bad(uri, "a key without NUL", "one")
    return Address(match[1], match[2], key, version)


def _bad(uri: str, expected: str, found: str) -> StorageError:
    message = f"{uri[:200]!r}: expected {expected}, found {found}"
    return StorageError(message, code="bad-uri", retryable=False)
