"""Events that wait for their delivery to a webhook."""

from __future__ import annotations

from typing import NamedTuple

from imgflow.queue.failures import reported
from imgflow.queue.keyspace import LONGEST_WAIT, Keyspace
from imgflow.queue.times import milliseconds

#: Seconds in which an event that was taken must be delivered, or somebody else takes it.
_DELIVERY_SECONDS = 60


class Event(NamedTuple):
    """The end of a job that somebody asked to be told of. ``id`` stays the same in all tries."""

    id: str
    job_id: str
    state: str
    at: int
    tries: int
    url: str


class Outbox(Keyspace):
    """Events are written in the step that ends a job, and leave when they are delivered."""

    def due_events(self, limit: int = 10) -> list[Event]:
        """Take events that are due; nobody else gets them for a minute."""
        found = self.scripts.run("events", limit, milliseconds(_DELIVERY_SECONDS))
        events = []
        for name, tries, url in zip(found[::3], found[1::3], found[2::3], strict=True):
            job_id, _, state, at = name.decode().split(":")
            events.append(Event(name.decode(), job_id, state, int(at), int(tries), url.decode()))
        return events

    def event_done(self, event_id: str) -> None:
        """Forget an event: it was delivered, or is given up."""
        self.scripts.run("event_done", event_id, -1)

    def event_again(self, event_id: str, delay: float) -> None:
        """Try an event again after some seconds."""
        self.scripts.run("event_done", event_id, milliseconds(delay))

    def wait_for_events(self, seconds: float) -> None:
        """Wait until an event may have come in, at most four seconds."""
        with reported():
            self.client.blpop([self.key("wake:events")], timeout=min(seconds, LONGEST_WAIT))
