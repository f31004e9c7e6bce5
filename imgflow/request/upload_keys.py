"""The keys of a request for an upload, declared once as those of jobs are."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from imgflow.limits import DEFAULT_LIMITS
from imgflow.request.keys import RequestKeys, WorkKeys
from imgflow.rules import AnyOf, Excludes, Rule

#: Seconds for which signatures can hold at most: 7 days.
LONGEST_EXPIRY = 604_800
MOST_BYTES = DEFAULT_LIMITS.source_bytes


class OrderKeys(WorkKeys, frozen=True, kw_only=True):
    """What to make of an image that is yet to be uploaded: a job without its input."""

    title: ClassVar[str] = "order"


class UploadKeys(RequestKeys, frozen=True, kw_only=True):
    """A request for a place to upload an image to, and for the job to submit after that."""

    title: ClassVar[str] = "upload"
    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("filename", "content_type")),
        AnyOf(("content_length", "max_bytes")),
        Excludes("content_length", ("max_bytes",)),
    )

    filename: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=r"^[^/\\\u0000-\u001f\u007f]{1,200}$",
                description="The name of the file: templates take {stem} from it.",
                examples=["cat.jpg"],
            ),
        ]
        | None
    ) = None
    content_type: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=r"^image/[a-z0-9][a-z0-9.+-]{0,60}$",
                description="The type of the file. Default: what its name tells.",
                examples=["image/jpeg"],
            ),
        ]
        | None
    ) = None
    content_length: (
        Annotated[
            int,
            msgspec.Meta(
                ge=1,
                le=MOST_BYTES,
                description="The length of the file in bytes: the answer is for a PUT of just "
                "that many.",
                examples=[482_133],
            ),
        ]
        | None
    ) = None
    max_bytes: (
        Annotated[
            int,
            msgspec.Meta(
                ge=1,
                le=MOST_BYTES,
                description="The most bytes that the file may have: the answer is for a form, as "
                "browsers send it by POST.",
                examples=[20_000_000],
            ),
        ]
        | None
    ) = None
    expires: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            le=LONGEST_EXPIRY,
            description="Seconds in which the upload must begin. Default: 3600.",
        ),
    ] = 3_600
    job: (
        Annotated[
            dict[str, Any],
            msgspec.Meta(
                description="The request for the job, without its input: it is checked now, and "
                "given back with the input filled in."
            ),
        ]
        | None
    ) = None
