"""Jobs as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.columns import print_columns, print_text
from imgflow.cli.printing import print_json, print_line
from imgflow.errors import QueueError
from imgflow.wording import count_text, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgflow.queue import JobStatus, Queue


def show_jobs(queue: Queue, ids: Sequence[str], *, as_json: bool) -> int:
    """Print all that is known of some jobs; raises QueueError for one that is not known."""
    for job_id, status in zip(ids, queue.status(ids), strict=True):
        if status is None:
            raise unknown(job_id)
        if as_json:
            print_json(status)
        else:
            print_columns(_rows(status))
            _print_errors(status)
    return exits.OK


def show_definition(queue: Queue, job_id: str, *, as_json: bool) -> int:
    """Print a job as it was queued."""
    import msgspec

    job = queue.job(job_id)
    if job is None:
        raise unknown(job_id)
    if as_json:
        print_json(job)
    else:
        text = msgspec.json.format(msgspec.json.encode(job), indent=2).decode()
        for line in text.splitlines():
            print_line(line)
    return exits.OK


def show_failed(found: Sequence[JobStatus], *, as_json: bool) -> int:
    """Print dead letters: what, why, how often it was tried."""
    if as_json:
        for status in found:
            print_json(status)
        return exits.OK
    for status in found:
        tries = count_text(status.runs, "run")
        recipe = f", {status.recipe}" if status.recipe else ""
        print_line(f"{status.job_id}  {status.finished_at}  {tries}{recipe}")
        print_text(f"{status.error} [{status.code}]", indent=2)
    if not found:
        print_line("no failed jobs")
    return exits.OK


def unknown(job_id: str) -> QueueError:
    """Return the error for a job that the queue does not know, or not any more."""
    message = f"{job_id}: expected a job of this queue, found none"
    return QueueError(message, code="job-unknown", retryable=False)


def _rows(status: JobStatus) -> Iterator[tuple[str, str]]:
    yield "job", status.job_id
    asked = ", to be cancelled" if status.cancel_requested else ""
    yield "status", f"{status.status}, {status.progress} %{asked}"
    yield "input", status.input
    for label, value in (
        ("recipe", status.recipe),
        ("batch", status.batch),
        ("priority", status.priority),
        ("queued", status.created_at),
        ("start by", status.start_by),
        ("started", status.started_at),
        ("next try", status.retry_at),
        ("ended", status.finished_at),
        ("worker", status.worker),
    ):
        if value:
            yield label, value
    yield "runs", _runs(status)
    if status.seconds:
        yield "took", time_text(status.seconds)
    for made in status.outputs:
        yield "output", f"{made.path} ({made.width}x{made.height}, {size_text(made.bytes)})"


def _runs(status: JobStatus) -> str:
    parts = [str(status.runs)]
    for count, noun, plural in (
        (status.retries, "retry", "retries"),
        (status.kills, "process lost", "processes lost"),
        (status.losses, "worker lost", "workers lost"),
    ):
        if count:
            parts.append(f"{count} {noun if count == 1 else plural}")
    return ", ".join(parts)


def _print_errors(status: JobStatus) -> None:
    for mishap in status.errors:
        print_line(f"error at {mishap.at}, {mishap.worker} [{mishap.code}]")
        print_text(mishap.message, indent=2)
