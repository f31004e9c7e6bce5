"""Submit a run to a queue, and follow it or leave it."""

from __future__ import annotations

import dataclasses
import os
import signal
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import typer

from imgflow.anchoring import anchor
from imgflow.cli import exits
from imgflow.cli.batch import Batch
from imgflow.cli.failing import show_warnings
from imgflow.cli.options import parse_sets, read_inputs
from imgflow.cli.printing import print_error, print_json, print_line
from imgflow.cli.queueing import open_queue, repeated
from imgflow.errors import UsageError
from imgflow.limits import DEFAULT_LIMITS
from imgflow.machine import this_machine
from imgflow.queue import PRIORITIES, Queue, Submission, follow, read_duration
from imgflow.recipe import expand, load_recipe
from imgflow.recipe.sources import local_path
from imgflow.uris import is_remote
from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from imgflow.cli.opening import Asked
    from imgflow.job import Result
    from imgflow.recipe import Jobs


@dataclasses.dataclass(frozen=True)
class Sent:
    """A batch that is with a queue.

    ``duplicates`` of its images are with a job that was there before; ``option`` is how a
    command names the queue, if it must.
    """

    queue: Queue
    option: str
    batch_id: str
    total: int = 0
    duplicates: int = 0

    def announce(self, *, as_json: bool) -> int:
        """Tell how to come back, and return the exit code."""
        if as_json:
            counts = {"jobs": self.total, "duplicates": self.duplicates}
            print_json({"batch_id": self.batch_id, **counts})
            return exits.OK
        same = f", {self.duplicates:,} of them known already" if self.duplicates else ""
        print_line(f"queued {count_text(self.total, 'image')}{same}")
        print_line(f"  follow with: {self._come_back()}")
        return exits.OK

    def watch(self, batch: Batch, *, as_json: bool, quiet: bool, fail_fast: bool) -> int:
        """Follow it to its end, as a run on this machine; Ctrl-C leaves the jobs alone."""
        with self.left_alone():
            return batch.show(
                lambda _: self._results(fail_fast=fail_fast), as_json=as_json, quiet=quiet
            )

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Have Ctrl-C end this command only, and tell how to come back to the jobs."""
        try:
            yield
        except KeyboardInterrupt:
            print_error(f"detached, the jobs go on; follow with: {self._come_back()}")
            raise typer.Exit(exits.signal_code(signal.SIGINT)) from None

    def _results(self, *, fail_fast: bool) -> Generator[Result]:
        for result in follow(self.queue, self.batch_id):
            yield result
            if fail_fast and result.status == "failed":
                self.queue.cancel_batch(self.batch_id)
                return

    def _come_back(self) -> str:
        return f"imgflow jobs watch {self.batch_id}{self.option}"


class Order(NamedTuple):
    """How jobs are to be done elsewhere: by which queue, how soon, and whether we wait."""

    queue: str
    priority: str
    ttl: str | None
    force: bool
    detach: bool


def run_there(  # noqa: PLR0913 - how to submit, and how to tell of it
    asked: Asked,
    order: Order,
    again: list[str],
    *,
    fail_fast: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Submit a run, and follow it unless it is to be left; return the exit code."""
    loaded = load_recipe(asked.recipe, sets=parse_sets(asked.sets), out=asked.out)
    show_warnings(loaded, hidden=quiet or as_json)
    storage = this_machine(DEFAULT_LIMITS).storage()
    work = expand(loaded, read_inputs(asked.inputs), force=order.force, storage=storage)
    show_warnings(work, hidden=quiet or as_json)
    sent = submit_batch(order.queue, work, loaded.name, order.priority, order.ttl)
    if order.detach:
        return sent.announce(as_json=as_json)
    batch = Batch(work.total, asked.recipe, again)
    return sent.watch(batch, as_json=as_json, quiet=quiet, fail_fast=fail_fast)


def submit_batch(name: str, work: Jobs, recipe: str, priority: str, ttl: str | None = None) -> Sent:
    """Submit jobs as one batch to the queue of that name or URL.

    ``ttl`` is the time in which they must be started. Raises UsageError for a priority or a
    time that makes no sense.
    """
    seconds = read_duration(ttl, "--ttl") if ttl else None
    level = next((known for known in PRIORITIES if known == priority), None)
    if level is None:
        message = f"--priority: expected one of {', '.join(PRIORITIES)}, found '{priority}'"
        raise UsageError(message)
    folder = os.getcwd()
    queue = open_queue(name)
    batch_id = queue.open_batch(recipe)
    sent = Sent(queue, repeated(name), batch_id)
    submissions = (
        Submission(
            job=anchor(job, folder),
            id=str(uuid.uuid4()),
            priority=level,
            ttl=seconds,
            version=version or _version(job.input),
            batch=batch_id,
        )
        for job, version in work.versioned()
    )
    with sent.left_alone():
        try:
            receipts = queue.submit(submissions)
        finally:
            # However it ends: who follows an open batch waits for ever.
            queue.seal_batch(batch_id)
    same = sum(receipt.duplicate for receipt in receipts)
    return dataclasses.replace(sent, total=len(receipts), duplicates=same)


def _version(path: str) -> str:
    """Return what is known of a file's content without reading it, or asking anybody."""
    if is_remote(path):
        return ""
    try:
        info = os.stat(local_path(path))
    except (OSError, ValueError):
        return ""
    return f"{info.st_size}-{info.st_mtime_ns}"
