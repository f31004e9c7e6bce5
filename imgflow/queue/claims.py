"""The worker's side of a queue: claim jobs, hold them, end their runs."""

from __future__ import annotations

import itertools
import os
import random
import socket
import time
import uuid
from typing import TYPE_CHECKING, Literal

import msgspec

from imgflow.errors import QueueError
from imgflow.job import Result
from imgflow.queue.entries import Ticket
from imgflow.queue.failures import reported
from imgflow.queue.keyspace import LONGEST_WAIT
from imgflow.queue.payload import unpack
from imgflow.queue.records import NAMES, error_line
from imgflow.queue.times import milliseconds
from imgflow.queue.upkeep import WORKER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imgflow.queue.queue import Queue

    Verdict = Literal["lost", "cancelled"]

#: Outcomes in one call of a script.
_CHUNK = 100


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended. ``killed`` if its process did not survive it, ``cancelled`` if asked to."""

    ticket: Ticket
    result: Result
    killed: bool = False
    cancelled: bool = False

    @property
    def kind(self) -> str:
        """What this means to the queue."""
        if self.cancelled:
            return "cancelled"
        if self.killed:
            return "kill"
        if self.result.error is None:
            return "ok"
        return "error" if self.result.error.retryable else "permanent"


def worker_name() -> str:
    """Return a name that no other worker has: host, process, and something random."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


class Claims:
    """The jobs that one worker holds. ``slots`` is how many it works on at once, for show.

    ``take`` may be called by one thread at a time, everything else by any.
    """

    def __init__(self, queue: Queue, worker: str, slots: int) -> None:
        """Take the name that the worker is known by, which must be unique."""
        self.queue = queue
        self.worker = worker
        self._slots = slots
        self._session = uuid.uuid4().hex[:12]
        self._calls = itertools.count(1)
        self._unheard: str | None = None

    def wait(self, seconds: float = 1.0) -> None:
        """Wait until there may be a job, at most some whole seconds, up to four.

        A token that is lost on its way costs that long, no job: jobs are never popped here.
        """
        from redis.exceptions import OutOfMemoryError

        source, sink = self.queue.key("wake"), self.queue.key("wake:sink")
        seconds = min(seconds, LONGEST_WAIT)
        with reported():
            try:
                self.queue.client.brpoplpush(source, sink, timeout=max(1, round(seconds)))
            except OutOfMemoryError:
                # A full server refuses to move the token, but lets go of it.
                self.queue.client.blpop([source], timeout=seconds)

    def take(self, most: int) -> list[Ticket]:
        """Claim up to ``most`` jobs. If the call fails, the next one gets what it got, if any."""
        nonce = self._unheard or f"{self._session}-{next(self._calls)}"
        self._unheard = nonce
        flat = self.queue.scripts.run(
            "claim",
            self.worker,
            nonce,
            most,
            milliseconds(self.queue.policy.lease),
            self._slots,
            milliseconds(WORKER_SECONDS),
            *self.queue.kept,
        )
        rows = (flat[start : start + 9] for start in range(0, len(flat), 9))
        tickets = list(self._tickets(rows))
        self._unheard = None
        return tickets

    def beat(self, held: Mapping[str, tuple[int, int]]) -> dict[str, Verdict]:
        """Renew leases, and report progress: id -> run and percent.

        Returns the jobs that are not fine: ``lost`` to somebody else, or to be ``cancelled``.
        """
        words: list[str | int] = []
        for job_id, (run, progress) in held.items():
            words += (job_id, run, progress)
        flat = self.queue.scripts.run(
            "beat",
            self.worker,
            milliseconds(self.queue.policy.lease),
            self._slots,
            milliseconds(WORKER_SECONDS),
            *words,
        )
        return {
            job_id.decode(): "cancelled" if verdict == b"cancelled" else "lost"
            for job_id, verdict in zip(flat[::2], flat[1::2], strict=True)
        }

    def settle(self, outcomes: Sequence[Outcome]) -> list[bool]:
        """End runs: complete, retry after a delay, or give up. False: it was not ours any more."""
        settled = []
        policy = self.queue.policy
        for start in range(0, len(outcomes), _CHUNK):
            words: list[str | bytes | int] = []
            for outcome in outcomes[start : start + _CHUNK]:
                words += self._words(outcome)
            settled += self.queue.scripts.run(
                "settle", *self.queue.kept, policy.kills, len(policy.delays), *words
            )
        return [bool(reply) for reply in settled]

    def release(self, tickets: Iterable[Ticket]) -> int:
        """Hand jobs back, to be run next, with nothing counted against them."""
        words = [word for ticket in tickets for word in (ticket.id, ticket.run)]
        return int(self.queue.scripts.run("release", *self.queue.kept, *words))

    def leave(self) -> None:
        """Sign this worker off. Jobs that it still holds are found when their leases lapse."""
        with reported():
            self.queue.client.zrem(self.queue.key("workers"), self.worker)
            self.queue.client.delete(self.queue.key("w:" + self.worker))

    def _tickets(self, rows: Iterable[Sequence[bytes | int]]) -> Iterator[Ticket]:
        for row in rows:
            job_id, run, priority, digest, own, *counts, batch = map(_plain, row)
            retries, kills, losses = map(int, counts)
            try:
                job = unpack(self.queue.shared_part(digest), own.encode())
            except QueueError as error:
                if error.retryable:
                    raise
                self._give_up(job_id, int(run), error)
                continue
            yield Ticket(
                id=job_id,
                run=int(run),
                job=job,
                priority=NAMES[priority],
                retries=retries,
                kills=kills,
                losses=losses,
                batch=batch,
            )

    def _give_up(self, job_id: str, run: int, error: QueueError) -> None:
        """End a job that nobody can run."""
        line = error_line(_now(), self.worker, "error", error.code, error.message)
        delays = [0] * len(self.queue.policy.delays)
        words: list[str | bytes | int] = [job_id, run, "permanent", error.code, line, "", *delays]
        self.queue.scripts.run(
            "settle", *self.queue.kept, self.queue.policy.kills, len(delays), *words
        )

    def _words(self, outcome: Outcome) -> Iterator[str | bytes | int]:
        kind, error = outcome.kind, outcome.result.error
        policy = self.queue.policy
        if kind == "permanent" and policy.retry_permanent:
            kind = "error"
        yield from (outcome.ticket.id, outcome.ticket.run, kind)
        if error is None:
            yield from ("", "")
        else:
            stored = "kill" if kind == "kill" else "error"
            yield error.code
            yield error_line(_now(), self.worker, stored, error.code, error.message)
        yield msgspec.json.encode(outcome.result) if kind == "ok" else ""
        for delay in policy.delays:
            spread = 1 + policy.jitter * random.uniform(-1, 1)  # noqa: S311 - no secret
            yield milliseconds(max(0.0, delay * spread))


def _plain(value: bytes | int) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _now() -> int:
    return milliseconds(time.time())
