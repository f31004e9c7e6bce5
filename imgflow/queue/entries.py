"""What goes into a queue, and what it says of a job, a batch and itself."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgflow.job import Job, Written
from imgflow.queue.policy import Priority

State = Literal["queued", "processing", "completed", "failed", "cancelled", "expired"]
#: States that a job leaves only if somebody asks for it to be retried.
FINAL: tuple[State, ...] = ("completed", "failed", "cancelled", "expired")


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A job to queue, and how.

    ``version`` is what is known of the source's content (an ETag, or size and time), for the
    detection of duplicates. ``ttl`` (seconds) and ``dedupe_window`` stand in for those of the
    policy. ``webhook`` is a URL that is told of the end. ``batch`` is the batch that the job
    belongs to. ``id`` is a UUID; the same submission twice, with the same id, is one job.
    """

    job: Job
    id: str
    priority: Priority = "normal"
    version: str = ""
    dedupe: bool = True
    ttl: float | None = None
    dedupe_window: float | None = None
    webhook: str = ""
    batch: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a submission: the id of the job, which with ``duplicate`` is an older one."""

    job_id: str
    status: State
    duplicate: bool = False


class Mishap(msgspec.Struct, frozen=True, kw_only=True):
    """Why one run of a job did not complete it. ``at`` is a time in UTC, ISO 8601.

    ``kind`` is ``error`` for what the work itself reported, ``kill`` if its process died, and
    ``lost`` if the worker was not heard of any more.
    """

    at: str
    worker: str
    kind: Literal["error", "kill", "lost"]
    code: str
    message: str


class JobStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a job. Times are in UTC, ISO 8601; ``progress`` is in percent.

    ``retries`` counts the retries after errors, ``runs`` all starts; ``kills`` and ``losses`` the
    runs that ended with their process or worker. ``error`` and ``code`` are of the last
    mishap, ``errors`` are all of them. ``retry_at`` is set while a job waits for its retry,
    ``start_by`` until it is started. ``output`` is the first of ``outputs``.
    """

    job_id: str
    status: State
    progress: int
    priority: Priority
    input: str
    recipe: str = ""
    created_at: str = ""
    start_by: str = ""
    started_at: str = ""
    finished_at: str = ""
    retry_at: str = ""
    worker: str = ""
    runs: int = 0
    retries: int = 0
    kills: int = 0
    losses: int = 0
    cancel_requested: bool = False
    error: str = ""
    code: str = ""
    errors: tuple[Mishap, ...] = ()
    output: str = ""
    outputs: tuple[Written, ...] = ()
    input_bytes: int = 0
    seconds: float = 0.0
    batch: str = ""


class BatchStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a batch. ``status`` is ``open`` until all its jobs were queued.

    ``total`` counts all submissions, ``duplicates`` those that an older job answers for;
    the others are ``pending`` until they are in one of the four final states.
    """

    batch_id: str
    status: Literal["open", "processing", "completed"]
    total: int
    pending: int
    completed: int
    failed: int
    cancelled: int
    expired: int
    duplicates: int
    progress: int
    created_at: str = ""
    recipe: str = ""


class WorkerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that was heard of lately: ``slots`` is how many images it works on at once."""

    worker: str
    slots: int
    seen_at: str


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """A queue in figures. ``depth`` counts the jobs that could start now, by priority.

    ``oldest_age`` is the time that the oldest of them has been waiting, in seconds; ``delayed``
    wait for a retry, ``dead`` are kept as failed. ``counts`` are totals since the queue began:
    submitted, duplicates, completed, failed, cancelled, expired, retried, killed, lost.
    ``durations`` and ``waits`` are histograms: for each upper bound, in seconds, how many jobs
    were at most that long at work or waiting; ``inf`` is all. ``*_sum`` are in seconds.
    """

    queue: str
    depth: dict[str, int]
    oldest_age: float
    processing: int
    delayed: int
    dead: int
    counts: dict[str, int]
    durations: dict[str, int]
    durations_sum: float
    waits: dict[str, int]
    waits_sum: float
    workers: tuple[WorkerStatus, ...] = ()


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A claim to a job: good for one run of it, and only while its lease is renewed."""

    id: str
    run: int
    job: Job
    priority: Priority = "normal"
    retries: int = 0
    kills: int = 0
    losses: int = 0
    batch: str = ""
