"""Presigned URLs of what jobs made, for those who ask."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.errors import StorageError
from imgflow.guard.buckets import is_object
from imgflow.queue import JobStatus
from imgflow.request import LONGEST_EXPIRY
from imgflow.storage import EXPIRES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from imgflow.server.desk import Call


class OutputUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A URL by which anybody can read an output, until ``expires_at`` (UTC, ISO 8601)."""

    path: str
    url: str
    expires_at: str


class LinkedStatus(JobStatus, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a job; ``urls`` are those of its outputs in buckets, if asked for."""

    urls: tuple[OutputUrl, ...] = ()


def add_links(call: Call, status: JobStatus, shown: dict[str, Any]) -> dict[str, Any]:
    """Return a shown status with ``urls``, if the query asks for them."""
    expires = call.number("expires", EXPIRES, LONGEST_EXPIRY, 1)
    if not call.switch("urls"):
        return shown
    return {**shown, "urls": list(_links(call, status, expires))}


def moment_text(moment: datetime) -> str:
    """Return a time as answers tell it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _links(call: Call, status: JobStatus, expires: int) -> Iterator[OutputUrl]:
    """Yield the URLs of outputs that requests may name: the server has more rights than they."""
    for written in status.outputs:
        if not is_object(written.path):
            continue
        try:
            uri = call.desk.permissions.allowed.check(written.path)
        except StorageError:
            continue
        signed = call.desk.depot.storage.presign(uri, expires=expires)
        yield OutputUrl(path=uri, url=signed.url, expires_at=moment_text(signed.expires))
