"""The gate before all routes: tokens, hosts, requests that a web page elsewhere makes."""

from __future__ import annotations

import hashlib
import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from imgflow.server.problems import Refused, explain

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_OPEN = frozenset({"/", "/livez", "/readyz"})
_OPEN_FOLDER = "/page/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: Where a request comes from, as browsers say themselves, that may change something.
_AT_HOME = frozenset({"same-origin", "none"})
_NOBODY = "anybody"


class Admission(NamedTuple):
    """Who is let in: holders of a token, if there are any; else, who names a loopback host.

    ``any_host`` lets everybody in who can connect.
    """

    tokens: tuple[str, ...] = ()
    any_host: bool = False


def is_open(path: str) -> bool:
    """Tell whether a path needs no token: it gives away nothing about the queue."""
    return path in _OPEN or path.startswith(_OPEN_FOLDER)


class Gate:
    """Lets a request pass, or refuses it before anything else is done."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        """Keep the digests of the tokens, all of one length."""
        self._app = app
        self._any_host = admission.any_host
        self._digests = [_digest(token.encode()) for token in admission.tokens]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its ``tenant`` known."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = scope["headers"]
        try:
            pairs = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in headers]
            tenant = self._admit(scope, dict(pairs))
        except Refused as refusal:
            response = explain(refusal, scope["path"]).response()
            await response(scope, receive, send)
            return
        scope["state"]["tenant"] = tenant
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope, headers: dict[str, str]) -> str:
        """Return the tenant; raises Refused."""
        if not self._digests and not self._any_host:
            _check_host(headers.get("host", ""))
        if scope["method"] not in _SAFE:
            _check_origin(headers)
        if not self._digests or is_open(scope["path"]):
            return _NOBODY
        return self._check_token(headers.get("authorization", ""))

    def _check_token(self, text: str) -> str:
        scheme, _, token = text.partition(" ")
        found = _digest(token.strip().encode("latin-1")) if scheme.lower() == "bearer" else b""
        known = False
        for digest in self._digests:
            known |= hmac.compare_digest(digest, found)
        if not known:
            message = "Authorization: expected Bearer and a token of this server"
            fault = ', error="invalid_token"' if text else ""
            headers = {"WWW-Authenticate": f'Bearer realm="imgflow"{fault}'}
            raise Refused(HTTPStatus.UNAUTHORIZED, "unauthorized", message, headers)
        return found.hex()[:16]


def _check_host(host: str) -> None:
    """Refuse names that are not this machine's own: they may stand for it since a moment ago."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in _LOOPBACK:
        message = f"Host: expected localhost or 127.0.0.1 without a token, found '{host[:80]}'"
        raise Refused(HTTPStatus.FORBIDDEN, "bad-host", message)


def _check_origin(headers: dict[str, str]) -> None:
    """Refuse changes that the page of another site asks for in a browser."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        at_home = site in _AT_HOME
    else:
        at_home = origin is None or origin.partition("://")[2] == headers.get("host")
    if not at_home:
        message = f"Origin: expected a request of this server's page, found one of '{origin}'"
        raise Refused(HTTPStatus.FORBIDDEN, "cross-site", message)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
