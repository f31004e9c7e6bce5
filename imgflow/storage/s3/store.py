"""How an S3 service is reached, as settings declare it: no secret is ever part of that."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MEBI = 1 << 20
Seconds = Annotated[float, Meta(gt=0)]
Name = Annotated[str, Meta(pattern="^[A-Za-z_][A-Za-z0-9_]*$|^$")]


class Store(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """An S3 service: AWS unless ``endpoint_url`` says another (MinIO, R2, Ceph).

    Credentials are found as boto3 finds them, in ``profile`` if there is one; or they are in
    the environment variables that ``access_key_env``, ``secret_key_env`` and
    ``session_token_env`` name. ``anonymous`` sends none, for public buckets.

    ``region`` is that of a bucket nobody knows better of. ``addressing`` is ``path`` for
    ``https://host/bucket/key``. ``checksums: md5``, and ``conditional_writes: false``, are for
    services that do not know the newer headers. ``concurrency`` is how many requests may be
    under way at a time; a request is tried ``attempts`` times.

    Objects above ``multipart_bytes`` are written, and above ``copy_bytes`` copied, in parts of
    ``part_bytes``.
    """

    endpoint_url: str = ""
    region: str = ""
    profile: str = ""
    access_key_env: Name = ""
    secret_key_env: Name = ""
    session_token_env: Name = ""
    anonymous: bool = False
    addressing: Literal["auto", "path", "virtual"] = "auto"
    accelerate: bool = False
    dual_stack: bool = False
    requester_pays: bool = False
    checksums: Literal["sha256", "md5"] = "sha256"
    conditional_writes: bool = True
    concurrency: Annotated[int, Meta(ge=1)] = 10
    attempts: Annotated[int, Meta(ge=1)] = 4
    connect_seconds: Seconds = 5.0
    read_seconds: Seconds = 20.0
    multipart_bytes: Annotated[int, Meta(ge=1)] = 32 * MEBI
    part_bytes: Annotated[int, Meta(ge=1)] = 8 * MEBI
    copy_bytes: Annotated[int, Meta(ge=1)] = 5 * 1024 * MEBI
