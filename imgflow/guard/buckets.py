"""URIs of objects in buckets, read strictly."""

from __future__ import annotations

import re

from imgflow.errors import StorageError
from imgflow.guard.urls import climbs

_LONGEST_KEY = 1024
_SCHEME = re.compile(r"s3(?:\+[a-z0-9][a-z0-9-]*)?://", re.IGNORECASE | re.ASCII)
_URI = re.compile(
    r"(s3(?:\+[a-z0-9][a-z0-9-]*)?)://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def is_object(uri: str) -> bool:
    """Tell whether a URI means an object in a bucket, of a store with a name too."""
    return _SCHEME.match(uri) is not None


def is_store(uri: str) -> bool:
    """Tell whether a URI means all buckets of a store: it has nothing after the scheme."""
    return _SCHEME.fullmatch(uri) is not None


def parse_object(uri: str) -> str:
    """Return the URI in its normal form; raises StorageError with code ``bad-uri``."""
    scheme, mark, rest = uri.partition("://")
    match = _URI.fullmatch(scheme.lower() + mark + rest)
    if not match:
        raise _bad(uri, "a bucket and a key as in s3://bucket/photos/cat.jpg", "another form")
    key = match[3] or ""
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise _bad(uri, "a key in UTF-8", "half of a character") from error
    if length > _LONGEST_KEY or _CONTROL.search(key):
        raise _bad(uri, f"a key of at most {_LONGEST_KEY} printable bytes", "another")
    if climbs(key):
        raise _bad(uri, "a key that only goes down", "'.' or '..' as a part of it")
    return f"{match[1]}://{match[2]}/{key}"


def _bad(uri: str, expected: str, found: str) -> StorageError:
    message = f"{uri[:200]!r}: expected {expected}, found {found}"
    return StorageError(message, code="bad-uri", retryable=False)
