"""The guarded HTTP client: what it fetches or tells is where the allow-list says, even at last."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import msgspec

from imgflow.errors import StorageError
from imgflow.guard.addresses import describe_address
from imgflow.guard.deadline import Deadline
from imgflow.guard.response import Response, translate_errors
from imgflow.guard.urls import Url, parse_url
from imgflow.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from ssl import SSLContext

    from imgflow.guard.allowed import Allowed

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_ADDRESSES = 16


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a request may take; times in seconds.

    ``connect`` is for each address, ``silence`` for each packet, ``total`` for everything from
    the first connection, over redirects, to the last byte of the body.
    """

    connect: float = 5.0
    silence: float = 10.0
    total: float = 60.0
    bytes: int = 512_000_000
    redirects: int = 5


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Client:
    """Sends requests to allowed URLs only.

    For a URL, and for each redirect from it, the name is resolved once, every address it has
    is checked, and the connection goes to one of these addresses. Each request has a
    connection of its own. May be used by several threads.
    """

    def __init__(
        self,
        allowed: Allowed,
        *,
        bounds: Bounds | None = None,
        resolver: Callable[[str, int], Sequence[str]] = resolve,
        context: SSLContext | None = None,
    ) -> None:
        """Keep what is allowed; ``context`` says which certificates are trusted."""
        self._allowed = allowed
        self._bounds = bounds or Bounds()
        self._resolver = resolver
        self._context = context

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Fetch a URL over redirects, and return the answer whatever its status.

        Raises StorageError: ``bad-uri`` and ``not-allowed`` before any connection is made.
        """
        deadline = Deadline(self._bounds.total)
        try:
            return self._follow(parse_url(url), headers or {}, deadline)
        except BaseException:
            deadline.lift()
            raise

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send a body to a URL; a redirect is an answer like any other. Raises as :meth:`get`."""
        deadline = Deadline(self._bounds.total)
        try:
            return self._send("POST", parse_url(url), headers, deadline, body)
        except BaseException:
            deadline.lift()
            raise

    def _follow(self, url: Url, headers: Mapping[str, str], deadline: Deadline) -> Response:
        for _ in range(self._bounds.redirects + 1):
            response = self._send("GET", url, headers, deadline)
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location:
                return response
            response.hang_up()
            # Headers are bytes that came in as Latin-1; locations beyond ASCII are UTF-8.
            location = location.encode("latin-1").decode(errors="replace")
            url = parse_url(urljoin(str(url), location))
        message = f"{url}: expected an answer after {self._bounds.redirects} redirects, found more"
        raise StorageError(message, code="too-many-redirects", retryable=False)

    def _send(
        self,
        method: str,
        url: Url,
        headers: Mapping[str, str],
        deadline: Deadline,
        body: bytes | None = None,
    ) -> Response:
        from imgflow.guard.connection import PinnedConnection

        addresses = self._addresses(url)
        bounds = self._bounds
        connection = PinnedConnection(
            url,
            addresses,
            deadline,
            patience=bounds.connect,
            timeout=bounds.silence,
            context=self._trust() if url.scheme == "https" else None,
        )
        own = {"User-Agent": f"imgflow/{__version__}", "Accept-Encoding": "identity"}
        try:
            with translate_errors(str(url), deadline):
                connection.request(method, url.target, body, {**own, **headers})
                raw = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        return Response(str(url), connection, raw, deadline, bounds.bytes)

    def _addresses(self, url: Url) -> list[str]:
        """Resolve a host, once; raises StorageError unless all its addresses may be reached."""
        prefixes = self._allowed.find(url)
        addresses = self._resolve(url)
        for address in addresses:
            if not any(prefix.reaches(address) for prefix in prefixes):
                message = (
                    f"{url}: expected a host with public addresses, found one of "
                    f"{describe_address(address)}; a private host must be allowed by name"
                )
                raise StorageError(message, code="not-allowed", retryable=False)
        return addresses

    def _resolve(self, url: Url) -> list[str]:
        failure = None
        try:
            if addresses := list(self._resolver(url.host, url.port))[:_MOST_ADDRESSES]:
                return addresses
        except (OSError, UnicodeError) as error:
            failure = error
        message = f"{url}: expected a host that is known, found no address for {url.host}"
        raise StorageError(message, code="host-unknown") from failure

    def _trust(self) -> SSLContext:
        import ssl

        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context
