"""All routes: what is done for each, what it takes and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from imgflow.queue import BatchStatus, JobStatus
from imgflow.request import LONGEST_EXPIRY
from imgflow.server.batches import cancel_batch, show_batch, submit_batch
from imgflow.server.health import show_metrics, tell_ready
from imgflow.server.jobs import (
    RetryKeys,
    cancel_job,
    list_failed,
    retry_job,
    retry_jobs,
    show_job,
    submit_jobs,
)
from imgflow.server.links import LinkedStatus
from imgflow.server.recipes import RecipeName, list_names
from imgflow.server.uploads import Upload, open_upload
from imgflow.storage import EXPIRES

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.server.desk import Call
    from imgflow.server.replies import Reply


class Accepted(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a submission: the id of the job, which with ``duplicate`` is an older one."""

    job_id: str
    status: str
    duplicate: bool = False


class Retried(msgspec.Struct, frozen=True):
    """How many jobs were queued again, which, and which could not be."""

    retried: int
    job_ids: tuple[str, ...]
    refused: tuple[str, ...]


class Ready(msgspec.Struct, frozen=True):
    """The server can do its work."""

    status: str


class Parameter(NamedTuple):
    """A parameter of the query, with its JSON Schema."""

    name: str
    description: str
    schema: dict[str, Any]


class Route(NamedTuple):
    """One operation: ``takes`` and ``answers`` are declared types, or names of schemas."""

    method: str
    path: str
    handler: Callable[[Call], Reply]
    summary: str
    answers: Any
    status: int = 200
    also: tuple[int, ...] = ()
    takes: Any = None
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[int, ...] = ()
    repeatable: bool = False
    example: Any = None


_PAGING = (
    Parameter(
        "limit",
        "Most jobs to list.",
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
    ),
    Parameter(
        "offset",
        "How many to pass over.",
        {"type": "integer", "minimum": 0, "maximum": 100_000, "default": 0},
    ),
    Parameter("code", "Only jobs with this code of error.", {"type": "string"}),
    Parameter("recipe", "Only jobs of this recipe.", {"type": "string"}),
    Parameter("batch", "Only jobs of this batch.", {"type": "string"}),
)

_LINKS = (
    Parameter(
        "urls",
        "1 adds presigned URLs of the outputs in buckets.",
        {"enum": ["0", "1"], "default": "0"},
    ),
    Parameter(
        "expires",
        "Seconds for which these URLs are good.",
        {"type": "integer", "minimum": 1, "maximum": LONGEST_EXPIRY, "default": EXPIRES},
    ),
)

ROUTES = (
    Route(
        "POST",
        "/jobs",
        submit_jobs,
        "Queue a job, or a list of up to 1000.",
        Accepted | list[Accepted],
        202,
        takes="request",
        refusals=(409, 422, 429),
        repeatable=True,
        example={
            "input": "s3://bucket/input.jpg",
            "operations": [{"op": "resize", "width": 800}],
            "output": "s3://bucket/output.jpg",
        },
    ),
    Route(
        "GET",
        "/jobs/failed",
        list_failed,
        "List the dead letters, the newest first.",
        list[JobStatus],
        parameters=_PAGING,
        refusals=(422,),
    ),
    Route(
        "POST",
        "/jobs/retry",
        retry_jobs,
        "Queue many dead letters again.",
        Retried,
        202,
        takes=RetryKeys,
        refusals=(422,),
    ),
    Route(
        "GET",
        "/jobs/{id}",
        show_job,
        "Look at a job.",
        LinkedStatus,
        parameters=_LINKS,
        refusals=(404, 422, 502),
    ),
    Route(
        "DELETE",
        "/jobs/{id}",
        cancel_job,
        "Cancel a job; 202 if it is at work, and will be stopped.",
        JobStatus,
        also=(202,),
        refusals=(404, 409),
    ),
    Route(
        "POST",
        "/jobs/{id}/retry",
        retry_job,
        "Queue a job again that failed, was cancelled or expired.",
        Accepted,
        202,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        "/batches",
        submit_batch,
        "Queue a batch: one recipe over many images.",
        BatchStatus,
        202,
        takes="batch",
        refusals=(409, 422, 429),
        repeatable=True,
        example={
            "recipe": "email",
            "inputs": ["s3://bucket/a.jpg", "s3://bucket/b.jpg"],
            "out": "s3://bucket/small",
        },
    ),
    Route("GET", "/batches/{id}", show_batch, "Look at a batch.", BatchStatus, refusals=(404,)),
    Route(
        "DELETE",
        "/batches/{id}",
        cancel_batch,
        "Cancel all jobs of a batch that are not done.",
        BatchStatus,
        refusals=(404,),
    ),
    Route(
        "POST",
        "/uploads",
        open_upload,
        "Ask where to upload an image to, and for the job to submit after that.",
        Upload,
        takes="upload",
        refusals=(404, 422, 502),
        example={
            "filename": "cat.jpg",
            "content_length": 482133,
            "job": {
                "operations": [{"op": "resize", "width": 800}],
                "output": "s3://bucket/{stem}.webp",
            },
        },
    ),
    Route("GET", "/recipes", list_names, "List the recipes of this server.", list[RecipeName]),
    Route("GET", "/readyz", tell_ready, "Tell whether jobs can be accepted.", Ready),
    Route("GET", "/metrics", show_metrics, "The figures of the queue for Prometheus.", str),
)
