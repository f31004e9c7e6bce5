"""Presigned URLs: what one may do with one object, without credentials, for a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from imgflow.errors import UsageError
from imgflow.storage.s3.failures import explained
from imgflow.storage.storage import Presigned

if TYPE_CHECKING:
    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.clients import Clients
    from imgflow.storage.storage import Method

#: Signature version 4 allows no more: 7 days.
LONGEST = 604_800
_OPERATIONS = {"GET": "get_object", "PUT": "put_object"}


def presign_url(  # noqa: PLR0913 - each is one condition of the URL
    clients: Clients,
    address: Address,
    method: Method,
    *,
    expires: int,
    content_type: str,
    content_length: int | None,
) -> Presigned:
    """Return a URL to read an object, or to write one of a type and a length."""
    if method not in _OPERATIONS:
        raise _bad(address, "the method GET or PUT", repr(method))
    if method == "GET" and (content_type or content_length is not None):
        raise _bad(address, "conditions for PUT only", "some for GET")
    if content_length is not None and content_length < 0:
        raise _bad(address, "a length of 0 or more", str(content_length))
    end = _end(address, expires)
    parameters: dict[str, Any] = dict(address.target)
    headers = {}
    if content_type:
        parameters["ContentType"] = headers["Content-Type"] = content_type
    if content_length is not None:
        parameters["ContentLength"] = content_length
        headers["Content-Length"] = str(content_length)
    client = clients.beside(address)
    with explained(address):
        url = client.generate_presigned_url(
            _OPERATIONS[method], Params=parameters, ExpiresIn=expires, HttpMethod=method
        )
    return Presigned(url, method, end, headers, {})


def presign_form(
    clients: Clients,
    address: Address,
    expires: int,
    content_type: str,
    sizes: tuple[int, int],
) -> Presigned:
    """Return what a form has to have to write an object of a type and a range of sizes.

    A type that ends with a slash, ``image/``, stands for all that begin like it.
    """
    least, most = sizes
    if not 0 <= least <= most:
        raise _bad(address, "sizes from the least to the most", f"{least} to {most}")
    end = _end(address, expires)
    conditions: list[Any] = [["content-length-range", least, most]]
    fields = {}
    if content_type.endswith("/"):
        conditions.append(["starts-with", "$Content-Type", content_type])
    elif content_type:
        fields["Content-Type"] = content_type
        conditions.append({"Content-Type": content_type})
    client = clients.beside(address)
    with explained(address):
        form = client.generate_presigned_post(
            address.bucket, address.key, Fields=fields, Conditions=conditions, ExpiresIn=expires
        )
    return Presigned(form["url"], "POST", end, {}, form["fields"])


def _end(address: Address, expires: int) -> datetime:
    if isinstance(expires, bool) or not isinstance(expires, int) or not 1 <= expires <= LONGEST:
        raise _bad(address, f"a time from 1 to {LONGEST} whole seconds (7 days)", repr(expires))
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=expires)


def _bad(address: Address, expected: str, found: str) -> UsageError:
    message = f"presigned URL of {address}: expected {expected}, found {found}"
    return UsageError(message, code="bad-presign")
