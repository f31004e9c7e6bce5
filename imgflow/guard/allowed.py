"""The allow-list: the places that requests from outside may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import StorageError, UsageError
from imgflow.guard.buckets import is_object, is_store, parse_object
from imgflow.guard.paths import is_local, parse_path
from imgflow.guard.prefixes import BucketPrefix, FolderPrefix, WebPrefix, parse_web_prefix
from imgflow.guard.urls import Url, parse_url

if TYPE_CHECKING:
    from collections.abc import Iterable


class Allowed:
    """Prefixes of URIs; a URI under none of them is refused, so that nothing is open by itself.

    A prefix is a folder (``file:///srv/photos`` or ``/srv/photos``), a bucket or the beginning
    of a key in it (``s3://bucket/raw/``), or a part of a web host
    (``https://images.example.com/``). ``s3://`` and ``https://`` alone are all buckets and all
    public hosts; ``s3+media://`` are all buckets of the store called media, and of no other.
    Prefixes end at the borders of names: ``s3://bucket`` is not ``s3://bucket2``.

    A host named by an address, or by a name without a dot, may be in a private network; others
    must be marked: ``private+https://photos.corp.example/``. ``setting`` names, for messages,
    where the prefixes are set.
    """

    def __init__(self, prefixes: Iterable[str] = (), *, setting: str = "IMGFLOW_ALLOW") -> None:
        """Read the prefixes; raises UsageError with code ``bad-setting`` for one that is none."""
        self._setting = setting
        self._texts: list[str] = []
        self._folders: list[FolderPrefix] = []
        self._buckets: list[BucketPrefix] = []
        self._hosts: list[WebPrefix] = []
        for text in prefixes:
            self._add(text)

    def check(self, uri: str) -> str:
        """Return the normal form of a URI that is allowed: a path as it is for local files.

        Raises StorageError, with code ``bad-uri`` if the URI could mean different places to
        different readers, and ``not-allowed`` if it is under no prefix. Links of the file
        system count as they are now and on this machine: whoever opens the file checks again.
        """
        if is_local(uri):
            path = parse_path(uri)
            if any(prefix.admits(path) for prefix in self._folders):
                return path
        elif is_object(uri):
            uri = parse_object(uri)
            if any(prefix.admits(uri) for prefix in self._buckets):
                return uri
        else:
            url = parse_url(uri)
            self.find(url)
            return str(url)
        raise self._refusal(uri)

    def find(self, url: Url) -> list[WebPrefix]:
        """Return the prefixes that a URL is under; raises as :meth:`check` if there is none."""
        found = [prefix for prefix in self._hosts if prefix.admits(url)]
        if not found:
            raise self._refusal(str(url))
        return found

    def root(self, path: str) -> str:
        """Return the innermost allowed folder that a checked path is in."""
        return max((prefix.root for prefix in self._folders if prefix.admits(path)), key=len)

    def _add(self, text: str) -> None:
        try:
            if is_local(text):
                self._folders.append(FolderPrefix(parse_path(text)))
            elif is_object(text):
                root = text.lower() if is_store(text) else parse_object(text)
                self._buckets.append(BucketPrefix(root))
            else:
                self._hosts.append(parse_web_prefix(text))
        except StorageError as error:
            message = f"{self._setting}: {error.message}"
            raise UsageError(message, code="bad-setting") from error
        self._texts.append(text)

    def _refusal(self, uri: str) -> StorageError:
        places = ", ".join(self._texts) or "nothing"
        message = f"{uri[:200]}: expected a place that {self._setting} allows ({places})"
        return StorageError(f"{message}, found another", code="not-allowed", retryable=False)
