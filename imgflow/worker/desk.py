"""One queue as a worker sees it: jobs are claimed here, and accounted for."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import QueueError
from imgflow.runner.board import read_clock
from imgflow.worker.journal import about
from imgflow.worker.line import Line, pause_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.queue import Claims, Outcome
    from imgflow.worker.gate import Gate
    from imgflow.worker.journal import Journal
    from imgflow.worker.ledger import Held, Ledger

#: Jobs to claim, or to settle, in one call.
_MOST = 100
#: The part of a lease that is not used: the time between a look at it and the end of a write.
_MARGIN = 0.15


class Ending(NamedTuple):
    """A ticket to be rid of: with an outcome, or handed back without one."""

    held: Held
    outcome: Outcome | None


class Desk:
    """Claims, outcomes and leases of one queue.

    What has to be told to the queue is kept until it was: a queue that is away for a
    while costs no result. That is bounded, as nothing is claimed meanwhile.
    """

    def __init__(self, claims: Claims, ledger: Ledger, gate: Gate, journal: Journal) -> None:
        """Take the claims of one queue, and what all desks of a worker share."""
        self.claims = claims
        self.name = claims.queue.name
        self.lease = claims.queue.policy.lease
        self.line = Line(self.name, journal)
        self._ledger = ledger
        self._gate = gate
        self._journal = journal
        self._endings: queue.SimpleQueue[Ending | None] = queue.SimpleQueue()
        self._unheard_since: float | None = None
        self._leaving = threading.Event()

    def claim(self, hand_out: Callable[[list[Held]], None]) -> None:
        """Claim jobs and hand them out as long as the gate is open."""
        failures = 0
        while room := self._gate.enter():
            held: list[Held] = []
            try:
                held = self._take(min(room, _MOST))
                failures = 0
            except QueueError as error:
                self.line.failed(error)
                failures += 1
            finally:
                self._gate.leave(room - len(held))
            if held:
                hand_out(held)
            elif failures:
                self._leaving.wait(pause_after(failures))
            else:
                self._wait()

    def end(self, held: Held, outcome: Outcome | None = None) -> None:
        """Have the queue told how a run ended, or, without an outcome, that it did not."""
        self._endings.put(Ending(held, outcome))

    def settle(self) -> None:
        """Tell the queue about endings, many at a time, until :meth:`finish`; then sign off."""
        while endings := self._collect():
            failures = 0
            while not self._tell(endings):
                if self._leaving.is_set():
                    self._abandon(endings)
                    break
                failures += 1
                self._leaving.wait(pause_after(failures))
            self._ledger.close(ending.held for ending in endings)
        self._sign_off()

    def finish(self) -> None:
        """Have :meth:`settle` return once the queue was told everything."""
        self._endings.put(None)

    def give_up(self) -> None:
        """Stop trying to reach a queue that is away."""
        self._leaving.set()

    def deadline(self, asked: float) -> float:
        """Return until when a job may write if its lease was renewed at ``asked`` or later."""
        return asked + self.lease * (1 - _MARGIN)

    def _take(self, most: int) -> list[Held]:
        """Claim jobs. After a lost reply they may be ours since the first call that failed."""
        asked = self._unheard_since or read_clock()
        self._unheard_since = asked
        tickets = self.claims.take(most)
        self._unheard_since = None
        self.line.worked()
        return self._ledger.admit(self.claims, tickets, self.deadline(asked))

    def _sign_off(self) -> None:
        """Leave the queue. A claim whose reply never came is repeated, to hand back what it got."""
        try:
            self.claims.release(self.claims.take(0))
            self.claims.leave()
        except QueueError as error:
            self.line.failed(error)

    def _wait(self) -> None:
        try:
            self.claims.wait(1.0)
        except QueueError as error:
            self.line.failed(error)
            self._leaving.wait(pause_after(0))

    def _collect(self) -> list[Ending]:
        """Wait for endings, and return all that are there; none when there are no more."""
        endings: list[Ending] = []
        ending = self._endings.get()
        while ending is not None:
            endings.append(ending)
            if len(endings) == _MOST:
                break
            try:
                ending = self._endings.get_nowait()
            except queue.Empty:
                break
        else:
            if endings:
                self._endings.put(None)
        return endings

    def _tell(self, endings: list[Ending]) -> bool:
        outcomes = [ending.outcome for ending in endings if ending.outcome]
        back = [ending.held.ticket for ending in endings if not ending.outcome]
        try:
            accepted = self.claims.settle(outcomes) if outcomes else []
            released = [self.claims.release([ticket]) > 0 for ticket in back]
        except QueueError as error:
            self.line.failed(error)
            return False
        self.line.worked()
        for outcome, was_ours in zip(outcomes, accepted, strict=True):
            self._note(outcome, was_ours=was_ours)
        for ticket, was_released in zip(back, released, strict=True):
            event = "job-handed-back" if was_released else "job-lost"
            self._journal.note(event, **about(self.name, ticket))
        return True

    def _note(self, outcome: Outcome, *, was_ours: bool) -> None:
        fields = about(self.name, outcome.ticket)
        error = outcome.result.error
        if not was_ours:
            self._journal.warn("job-outcome-refused", **fields)
        elif outcome.cancelled:
            self._journal.note("job-cancelled", **fields)
        elif error is None:
            seconds = round(outcome.result.seconds, 3)
            self._journal.note(
                "job-completed", **fields, seconds=seconds, outputs=len(outcome.result.outputs)
            )
        else:
            counts = {"retries": outcome.ticket.retries, "kills": outcome.ticket.kills}
            self._journal.warn(
                "job-failed", **fields, **counts, code=error.code, error=error.message
            )

    def _abandon(self, endings: list[Ending]) -> None:
        for ending in endings:
            self._journal.fail("job-outcome-lost", **about(self.name, ending.held.ticket))
