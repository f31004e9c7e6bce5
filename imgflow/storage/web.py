"""Images on the web, read only, through the guarded client."""

from __future__ import annotations

import contextlib
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Never

from imgflow.errors import SourceError, StorageError
from imgflow.source import Source
from imgflow.storage.properties import PLAIN, Properties
from imgflow.storage.ranged import FIRST, Ranged
from imgflow.storage.spool import LARGEST_IN_MEMORY, spool
from imgflow.storage.storage import EXPIRES, Entry
from imgflow.storage.wording import missing, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from imgflow.guard import Client
    from imgflow.guard.response import Response
    from imgflow.storage.storage import Data, Method, Presigned

_FOUND, _PART, _NO_RANGE = 200, 206, 416
_GONE, _DENIED = (404, 410), (401, 403, 407, 451)
#: Statuses after which another try may go well; so may it after those from 500 on.
_PASSING, _SERVER = (408, 425, 429), 500


class WebStorage:
    """``http://`` and ``https://``, as far as the client's allow-list goes; read only."""

    def __init__(self, client: Client) -> None:
        """Fetch with this client, whose bounds hold."""
        self._client = client

    def read(self, uri: str) -> Source:
        """Fetch an image; large ones are kept in a file, not in memory."""
        with self._get(uri) as response:
            self._check(uri, response, (_FOUND,))
            if _length(response) > LARGEST_IN_MEMORY:
                return spool(uri, response)
            return Source(uri, data=response.read())

    def locate(self, uri: str) -> Source:
        """Fetch how an image begins, and more where it is looked at, if the server has ranges."""
        with self._get(uri, 0, FIRST) as response:
            if response.status == _NO_RANGE:
                return Source(uri, data=b"")
            self._check(uri, response, (_FOUND, _PART))
            if response.status == _FOUND:
                return spool(uri, response)
            first, size, tag = response.read(), _whole(uri, response), _tag(response)
        if len(first) >= size:
            return Source(uri, data=first)

        def fetch(offset: int, length: int) -> bytes:
            with self._get(uri, offset, length, tag) as response:
                if response.status == _FOUND:
                    raise _changed(uri)
                self._check(uri, response, (_PART,))
                return response.read()

        def stream() -> Iterator[bytes]:
            with self._get(uri) as response:
                self._check(uri, response, (_FOUND,))
                yield from response

        return Source(uri, parts=Ranged(size, first, fetch, stream))

    def stat(self, uri: str) -> Entry | None:
        """Ask for the first byte, and return what the server tells of the whole."""
        with self._get(uri, 0, 1) as response:
            if response.status in _GONE:
                return None
            size = 0
            if response.status != _NO_RANGE:
                self._check(uri, response, (_FOUND, _PART))
                size = _length(response) if response.status == _FOUND else _whole(uri, response)
            return Entry(
                uri, size, response.headers.get("etag", "").strip('"'), _modified(response)
            )

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:  # noqa: ARG002
        """Refuse."""
        self._refuse(uri)

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:  # noqa: ARG002
        """Refuse: the web has no folders."""
        raise unsupported(uri, "a list of files")

    def delete(self, uri: str) -> None:
        """Refuse."""
        self._refuse(uri)

    def copy(self, source: str, target: str) -> Entry:  # noqa: ARG002
        """Refuse."""
        self._refuse(target)

    def presign(
        self,
        uri: str,
        *,
        method: Method = "GET",  # noqa: ARG002
        expires: int = EXPIRES,  # noqa: ARG002
        content_type: str = "",  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> Presigned:
        """Refuse."""
        raise unsupported(uri, "presigned URLs")

    def _get(self, uri: str, offset: int = 0, length: int = 0, tag: str = "") -> Response:
        headers = {"Range": f"bytes={offset}-{offset + length - 1}"} if length else {}
        return self._client.get(uri, {**headers, **({"If-Range": tag} if tag else {})})

    def _refuse(self, uri: str) -> Never:
        message = f"{uri}: expected a place to write to, found one on the web, which is read only"
        raise StorageError(message, code="read-only", retryable=False)

    def _check(self, uri: str, response: Response, good: tuple[int, ...]) -> None:
        status = response.status
        if status in good:
            return
        if status in _GONE:
            raise SourceError(missing(uri), code="source-missing")
        passing = status in _PASSING or status >= _SERVER
        code = "storage-busy" if passing else "request-refused"
        if status in _DENIED:
            code = "access-denied"
        message = f"{uri}: expected an image, found the answer {status}"
        raise StorageError(message, code=code, retryable=passing)


def _length(response: Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0


def _whole(uri: str, response: Response) -> int:
    """Return the size of the whole from ``Content-Range: bytes 0-99/1234``."""
    total = response.headers.get("content-range", "").rpartition("/")[2]
    if not total.isdecimal():
        message = f"{uri}: expected the size of the whole in Content-Range, found none"
        raise StorageError(message, code="response-failed", retryable=False)
    return int(total)


def _tag(response: Response) -> str:
    """Return what tells that the file is still the same, if the server says so."""
    etag = response.headers.get("etag", "")
    return "" if etag.startswith("W/") else etag or response.headers.get("last-modified", "")


def _changed(uri: str) -> StorageError:
    message = f"{uri}: expected the file whose header was read, found that it was replaced"
    return StorageError(f"{message}; try again", code="object-changed")


def _modified(response: Response) -> datetime | None:
    with contextlib.suppress(KeyError, ValueError, TypeError):
        return parsedate_to_datetime(response.headers["last-modified"]).astimezone(UTC)
    return None
