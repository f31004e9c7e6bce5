"""Paths of local files: read strictly, and kept under a root, links included."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, unquote_to_bytes

from imgflow.errors import StorageError

_SCHEME = "file:"
_FILE_URI = re.compile(r"file://(?:localhost)?(/.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENCODED_SEPARATOR = re.compile(r"%2f|%00", re.IGNORECASE)


def is_local(uri: str) -> bool:
    """Tell whether a URI means a file on this machine."""
    return uri[: len(_SCHEME)].lower() == _SCHEME or uri.startswith("/")


def parse_path(uri: str) -> str:
    """Return the absolute path that a ``file://`` URI or an absolute path means.

    Links are left as they are. Raises StorageError with code ``bad-uri`` for anything that
    could mean another file to somebody else: ``..``, an encoded slash, control characters.
    """
    path = uri if uri.startswith("/") else _decode(uri)
    if _CONTROL.search(path):
        raise _bad(uri, "a path without control characters", "one")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise _bad(uri, "a path that only goes down", "'..' in it")
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise _bad(uri, "a path in UTF-8", "half of a character") from error
    return "/" + "/".join(parts)


def file_uri(path: str) -> str:
    """Return the ``file://`` URI of an absolute path."""
    return f"file://{quote(path)}"


def is_below(path: str, root: str) -> bool:
    """Tell whether a path is a root or under it once all links were followed.

    What is not there yet counts by its deepest folder that is.
    """
    return has_prefix(os.path.realpath(path), os.path.realpath(root))


def has_prefix(path: str, root: str) -> bool:
    """Tell whether a path is a root or under it by its text: whole names only."""
    return path == root or path.startswith(root if root.endswith("/") else root + "/")


def _decode(uri: str) -> str:
    match = _FILE_URI.fullmatch(uri)
    if not match:
        raise _bad(uri, "an absolute path as in file:///srv/photos/cat.jpg", "another form")
    if _ENCODED_SEPARATOR.search(match[1]):
        raise _bad(uri, "slashes as they are", "one that is percent-encoded")
    try:
        return unquote_to_bytes(match[1]).decode()
    except UnicodeError as error:
        raise _bad(uri, "percent-encoded UTF-8", "other bytes") from error


def _bad(uri: str, expected: str, found: str) -> StorageError:
    message = f"{uri[:200]!r}: expected {expected}, found {found}"
    return StorageError(message, code="bad-uri", retryable=False)
