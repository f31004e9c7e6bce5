"""The courier: takes events from the outbox of a queue to those who asked for them."""

from __future__ import annotations

import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from imgflow.errors import QueueError, StorageError
from imgflow.guard import Bounds, Client
from imgflow.guard.urls import parse_url
from imgflow.webhooks.message import write_message
from imgflow.webhooks.signature import sign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgflow.guard import Allowed
    from imgflow.queue import Event, JobStatus
    from imgflow.webhooks.signature import Secrets

log = logging.getLogger(__name__)

#: Seconds before each further try, as Standard Webhooks recommends: three days in all.
SCHEDULE = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
BOUNDS = Bounds(connect=5, silence=15, total=15, redirects=0)
#: So many, a few at a time, are all told or given up before the queue hands them out again.
_MOST_EVENTS = 24
_AT_ONCE = 8
#: Seconds for which a receiver that does not answer in time is left alone, so that it does
#: not keep the others waiting: its events come back by themselves.
_REST = 60.0
_JITTER = 0.1
_LONGEST_DELAY = 86_400.0
_GONE = 410


class Outbox(Protocol):
    """What the courier needs of a queue."""

    def due_events(self, limit: int = 10) -> list[Event]:
        """Take events that are due."""

    def event_done(self, event_id: str) -> None:
        """Forget an event."""

    def event_again(self, event_id: str, delay: float) -> None:
        """Try an event again after some seconds."""

    def wait_for_events(self, seconds: float) -> None:
        """Wait until an event may have come in."""

    def status(self, ids: Sequence[str]) -> list[JobStatus | None]:
        """Return what is known of jobs."""


class Courier:
    """Delivers at least once: a message that may have arrived keeps its id when sent again.

    A status of 2xx is a receipt; 410 says that nobody wants to know; after anything else the
    event is tried again by the schedule, or later if the receiver asks for it.
    """

    def __init__(
        self,
        queue: Outbox,
        allowed: Allowed,
        secrets: Secrets,
        *,
        bounds: Bounds = BOUNDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Get ready; without ``secrets`` nothing is taken, as nothing is sent unsigned."""
        self._queue = queue
        self._client = Client(allowed, bounds=bounds)
        self._secrets = secrets
        self._clock = clock
        self._stopping = threading.Event()
        self._resting: dict[str, float] = {}

    def run(self) -> None:
        """Deliver until :meth:`stop`, whatever becomes of the queue; for a thread of its own."""
        while self._secrets and not self._stopping.is_set():
            try:
                self._queue.wait_for_events(1.0)
                self.deliver_due()
            except QueueError as error:
                log.warning("webhooks: %s", error.message)
                self._stopping.wait(1.0)

    def stop(self) -> None:
        """Finish the requests that are under way, and start no more."""
        self._stopping.set()

    def deliver_due(self) -> int:
        """Deliver what is due, several at a time; returns how many were accepted."""
        events = self._queue.due_events(_MOST_EVENTS) if self._secrets else []
        if not events:
            return 0
        self._resting = {k: end for k, end in self._resting.items() if end > time.monotonic()}
        statuses = self._queue.status([event.job_id for event in events])
        with ThreadPoolExecutor(min(_AT_ONCE, len(events)), "imgflow-webhook") as threads:
            return sum(threads.map(self._deliver, events, statuses))

    def _deliver(self, event: Event, status: JobStatus | None) -> bool:
        if self._stopping.is_set():
            return False
        try:
            origin = parse_url(event.url).origin
            if origin in self._resting:
                return False
            answer, wait = self._post(event, write_message(event, status))
        except StorageError as error:
            if error.code == "response-late":
                self._resting[origin] = time.monotonic() + _REST
            self._put_off(event, error.message, final=not error.retryable)
            return False
        accepted = 200 <= answer < 300  # noqa: PLR2004 -- 2xx
        if accepted:
            self._queue.event_done(event.id)
        else:
            self._put_off(event, f"status {answer}", final=answer == _GONE, wait=wait)
        return accepted

    def _post(self, event: Event, body: bytes) -> tuple[int, float]:
        """Return the status, and the seconds that the receiver asks to be left alone for."""
        headers = sign(self._secrets, event.id, int(self._clock()), body)
        headers["content-type"] = "application/json"
        with self._client.post(event.url, body, headers) as response:
            wait = response.headers.get("retry-after", "")
            return response.status, float(wait) if wait.isdecimal() else 0.0

    def _put_off(self, event: Event, reason: str, *, final: bool, wait: float = 0.0) -> None:
        place = {"fields": {"job_id": event.job_id}}
        if final or event.tries >= len(SCHEDULE):
            log.error("webhook of job %s: given up: %s", event.job_id, reason, extra=place)
            self._queue.event_done(event.id)
            return
        delay = SCHEDULE[event.tries] * random.uniform(1, 1 + _JITTER)  # noqa: S311 -- no secret
        delay = max(delay, min(wait, _LONGEST_DELAY))
        log.warning(
            "webhook of job %s: %s; again in %.0f s", event.job_id, reason, delay, extra=place
        )
        self._queue.event_again(event.id, delay)
