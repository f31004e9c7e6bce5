"""Objects read: by one request, which goes on where the connection broke off."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

from imgflow.errors import SourceError
from imgflow.limits import MEGA
from imgflow.source import Source
from imgflow.storage.ranged import FIRST, Ranged
from imgflow.storage.s3.checksums import Expected
from imgflow.storage.s3.failures import error_code, explained
from imgflow.storage.spool import LARGEST_IN_MEMORY, spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.clients import Clients

_CHUNK = 1_048_576
#: Seconds before a broken download goes on.
_PAUSES = (0.1, 0.5, 2.0)
#: Answers to a range of an object that is empty, or, by some services, shorter than the range.
_OUT_OF_RANGE = ("InvalidRange", "InvalidArgument")


class Reading:
    """Reads objects of at most ``largest`` bytes."""

    def __init__(self, clients: Clients, largest: int) -> None:
        """Read with these clients."""
        self._clients = clients
        self._largest = largest

    def read(self, address: Address) -> Source:
        """Return an object: in memory, or from 32 MB in a file that goes with the source."""
        with explained(address):
            download = Download(self._clients, address)
            if download.size > self._largest:
                download.stop()
                raise _too_large(address, download.size, self._largest)
            if download.size > LARGEST_IN_MEMORY:
                source = spool(str(address), download)
            else:
                source = Source(str(address), data=_joined(download))
            download.check(source)
            return source

    def locate(self, address: Address) -> Source:
        """Fetch how an object begins; more is fetched where it is looked at."""
        with explained(address):
            try:
                response = self._get(address, Range=f"bytes=0-{FIRST - 1}")
            except Exception as error:
                if error_code(error) not in _OUT_OF_RANGE:
                    raise
                return self.read(address)
            first, size = response["Body"].read(), _whole_size(response)
        if len(first) >= size:
            return Source(str(address), data=first)
        etag = response["ETag"]

        def fetch(offset: int, length: int) -> bytes:
            wanted = f"bytes={offset}-{offset + length - 1}"
            with explained(address):
                body: bytes = self._get(address, Range=wanted, IfMatch=etag)["Body"].read()
                return body

        def stream() -> Iterator[bytes]:
            with explained(address):
                yield from Download(self._clients, address, IfMatch=etag)

        return Source(str(address), parts=Ranged(size, first, fetch, stream))

    def _get(self, address: Address, **parameters: str) -> Any:  # noqa: ANN401
        return get_object(self._clients, address, **parameters)


class Download:
    """All bytes of an object, once; ``size`` is known from the start.

    A connection that breaks is followed by another, for the rest of the same object. Bytes
    that came over one connection are checked by boto3, others are left to :meth:`check`.
    """

    def __init__(self, clients: Clients, address: Address, **parameters: str) -> None:
        """Ask for the object."""
        self._clients = clients
        self._address = address
        self._response = get_object(clients, address, ChecksumMode="ENABLED", **parameters)
        self._expected = Expected.told(self._response)
        self._broke = False
        self.size: int = self._response["ContentLength"]

    def stop(self) -> None:
        """Give up the connection."""
        self._response["Body"].close()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes."""
        etag, received = self._response["ETag"], 0
        for pause in (*_PAUSES, None):
            try:
                for chunk in self._response["Body"].iter_chunks(_CHUNK):
                    received += len(chunk)
                    yield chunk
            except _broken():
                self.stop()
                if pause is None or received >= self.size:
                    raise
                self._broke = True
                time.sleep(pause)
                self._response = get_object(
                    self._clients, self._address, Range=f"bytes={received}-", IfMatch=etag
                )
            else:
                return

    def check(self, source: Source) -> None:
        """Compare what came over several connections with the checksum of the object."""
        if self._broke and self._expected.known:
            with source.view() as data:
                for start in range(0, len(data), _CHUNK):
                    self._expected.add(data[start : start + _CHUNK])
            self._expected.check(str(self._address))


def get_object(clients: Clients, address: Address, **parameters: str) -> Any:  # noqa: ANN401
    """Ask for an object; the body of the answer is still to be read."""
    if clients.store.checksums == "md5":
        parameters.pop("ChecksumMode", None)
    return clients.near(address.bucket).get_object(**address.target, **parameters)


def _joined(chunks: Iterable[bytes]) -> bytes:
    """Join chunks without having all of them twice, as a join of a list would."""
    buffer = io.BytesIO()
    for chunk in chunks:
        buffer.write(chunk)
    return buffer.getvalue()


def _broken() -> tuple[type[Exception], ...]:
    """Return what a body raises that ends before its time."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError

    return HTTPClientError, IncompleteReadError


def _whole_size(response: dict[str, Any]) -> int:
    """Return the size of an object of which a part was asked for; some servers send it all."""
    total = response.get("ContentRange", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else int(response["ContentLength"])


def _too_large(address: Address, size: int, largest: int) -> SourceError:
    message = (
        f"{address}: expected at most {largest // MEGA} MB, found {size // MEGA} MB; "
        "raise the limit with --max-megabytes"
    )
    return SourceError(message, code="source-too-large")
