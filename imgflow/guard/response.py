"""What a server answered, read within bounds."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

from imgflow.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPConnection, HTTPResponse

    from imgflow.guard.deadline import Deadline

_CHUNK = 65_536


class Response:
    """The answer of ``url``: ``status``, ``headers`` in lower case, and the body in chunks.

    The body has at most ``most`` bytes, as it was sent: nothing is decompressed. Errors are
    StorageErrors. To be closed.
    """

    def __init__(
        self,
        url: str,
        connection: HTTPConnection,
        raw: HTTPResponse,
        deadline: Deadline,
        most: int,
    ) -> None:
        """Take over the connection, whose headers were read."""
        self.url = url
        self.status = raw.status
        self.headers = {name.lower(): value for name, value in raw.getheaders()}
        self._connection = connection
        self._raw = raw
        self._deadline = deadline
        self._most = most

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body as it comes; raises StorageError if it is cut off, late or too long."""
        expected = self._raw.length
        if expected is not None and expected > self._most:
            raise self._too_large(expected)
        received = 0
        while expected is None or received < expected:
            chunk = self._read(_CHUNK if expected is None else min(_CHUNK, expected - received))
            if not chunk:
                break
            received += len(chunk)
            if received > self._most:
                raise self._too_large(received)
            yield chunk
        if expected is not None and received < expected:
            message = f"{self.url}: expected {expected} bytes, found {received}; try again"
            raise StorageError(message, code="response-cut-off", retryable=True)

    def read(self) -> bytes:
        """Return the whole body."""
        return b"".join(self)

    def hang_up(self) -> None:
        """Give up the connection, and leave the clock running for the next one."""
        self._raw.close()
        self._connection.close()

    def close(self) -> None:
        """Give up the connection, and stop the clock."""
        self._deadline.lift()
        self.hang_up()

    def _read(self, most: int) -> bytes:
        with translate_errors(self.url, self._deadline):
            chunk = self._raw.read1(most)
            if not chunk and self._deadline.passed:
                raise TimeoutError
            return chunk

    def _too_large(self, found: int) -> StorageError:
        message = f"{self.url}: expected at most {self._most} bytes, found {found} or more"
        return StorageError(message, code="response-too-large", retryable=False)


@contextlib.contextmanager
def translate_errors(url: str, deadline: Deadline) -> Iterator[None]:
    """Turn what can go wrong on a connection into a StorageError that trying again may cure."""
    import http.client
    import ssl

    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        if deadline.passed or isinstance(error, TimeoutError):
            what, code = f"no end within {deadline.seconds:g} s", "response-late"
            if not deadline.passed:
                what = "silence for too long"
        elif isinstance(error, ssl.SSLError):
            what, code = error.reason or str(error), "tls-failed"
        else:
            what, code = getattr(error, "strerror", "") or str(error) or type(error).__name__, ""
        message = f"{url}: expected an answer, found {what}; try again later"
        raise StorageError(message, code=code or "response-failed") from error
