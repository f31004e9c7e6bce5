"""Uploads: they go straight to a bucket, by a URL that is good for one file."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from imgflow.request import read_upload
from imgflow.server.links import moment_text
from imgflow.server.problems import Refused
from imgflow.server.replies import reply_json

if TYPE_CHECKING:
    from imgflow.request import UploadRequest
    from imgflow.server.desk import Call
    from imgflow.server.replies import Reply
    from imgflow.storage import Presigned


class SignedRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The upload as it has to be sent, until ``expires_at``.

    A PUT has the file as its body, and just these ``headers``. A POST is a form: its
    ``fields`` come first, and then the file in the field ``file``.
    """

    method: Literal["PUT", "POST"]
    url: str
    expires_at: str
    headers: dict[str, str] = {}
    fields: dict[str, str] = {}


class Upload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an image will be, how it gets there, and the request to send to /jobs after that."""

    input: str
    upload: SignedRequest
    job: dict[str, Any] = {}


def open_upload(call: Call) -> Reply:
    """Tell how to upload an image, and what to ask for when it is there."""
    depot = call.desk.depot
    if not depot.uploads:
        message = (
            "expected a server that takes uploads; start it with --uploads s3://bucket/prefix/"
        )
        raise Refused(HTTPStatus.NOT_FOUND, "uploads-off", message)
    folder = f"{depot.uploads}/{datetime.now(UTC):%Y-%m-%d}/{uuid.uuid4()}"
    request = read_upload(call.body, call.desk.permissions, folder)
    signed = _sign(call, request)
    told = SignedRequest(
        method="POST" if signed.fields else "PUT",
        url=signed.url,
        expires_at=moment_text(signed.expires),
        headers=dict(signed.headers),
        fields=dict(signed.fields),
    )
    return reply_json(HTTPStatus.OK, Upload(input=request.uri, upload=told, job=request.job))


def _sign(call: Call, request: UploadRequest) -> Presigned:
    keys = request.keys
    bucket, uri = call.desk.depot.bucket(request.uri)
    if keys.max_bytes is not None:
        return bucket.presign_post(
            uri,
            expires=keys.expires,
            content_type=request.content_type,
            sizes=(1, keys.max_bytes),
        )
    return bucket.presign(
        uri,
        method="PUT",
        expires=keys.expires,
        content_type=request.content_type,
        content_length=keys.content_length,
    )
