"""The body of a request: of the right type, within limits, and soon enough."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from imgflow.server.problems import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

#: Longest body, in bytes, and the seconds in which all of it must be there.
LONGEST = 1 << 20
SECONDS = 10.0
#: Of a body that is too long so much is heard, and dropped: a client that is cut off while it
#: speaks does not hear the reply.
_LONGEST_TO_HEAR = 16 << 20


async def read_body(request: Request) -> bytes:
    """Return the JSON text that a request carries; raises Refused."""
    _check_type(request)
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdecimal() or int(length) > _LONGEST_TO_HEAR:
        raise _too_large()
    body, heard = bytearray(), 0
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                heard += len(chunk)
                if heard > _LONGEST_TO_HEAR:
                    raise _too_large()
                if heard <= LONGEST:
                    body += chunk
    except TimeoutError as error:
        message = f"body: expected all of it within {SECONDS:.0f} seconds"
        raise Refused(
            HTTPStatus.REQUEST_TIMEOUT, "too-slow", message, {"Connection": "close"}
        ) from error
    if heard > LONGEST:
        raise _too_large()
    return bytes(body)


def _check_type(request: Request) -> None:
    """Refuse other types: a web page of somebody else's can send those without asking."""
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if kind.strip() != "application/json" or charset not in {"", "utf-8"}:
        message = "Content-Type: expected application/json in UTF-8"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json-type", message)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        message = "Content-Encoding: expected a body that is not compressed"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "compressed", message)


def _too_large() -> Refused:
    message = f"body: expected at most {LONGEST >> 20} MiB"
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", message, {"Connection": "close"}
    )
