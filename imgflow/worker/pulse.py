"""The heartbeat: leases renewed, progress told, verdicts carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import QueueError
from imgflow.job import Failure, Result
from imgflow.queue import Outcome
from imgflow.runner.board import read_clock
from imgflow.worker.journal import about

if TYPE_CHECKING:
    from imgflow.runner.pool import WorkerPool
    from imgflow.worker.desk import Desk
    from imgflow.worker.gate import Gate
    from imgflow.worker.journal import Journal
    from imgflow.worker.ledger import Held, Ledger

#: Seconds between two beats at most; and between two looks at the progress of jobs.
_LONGEST, _TICK = 5.0, 0.5


class Pulse:
    """Beats for one desk: three times a lease, sooner if a job has got further."""

    def __init__(
        self, desk: Desk, ledger: Ledger, pool: WorkerPool, gate: Gate, journal: Journal
    ) -> None:
        """Take the desk, and what all desks of a worker share."""
        self._desk = desk
        self._ledger = ledger
        self._pool = pool
        self._gate = gate
        self._journal = journal
        self._interval = min(_LONGEST, desk.lease / 3)
        self._due = 0.0

    @property
    def tick(self) -> float:
        """Seconds until :meth:`beat` should be called again."""
        return min(_TICK, self._interval / 2)

    def beat(self) -> None:
        """Beat if it is time to, or if there is something to tell."""
        held = {one.ticket.id: one for one in self._ledger.of(self._desk.claims)}
        percents = {key: self._ledger.progress(one) or 0 for key, one in held.items()}
        news = any(percents[key] > one.told for key, one in held.items())
        asked = read_clock()
        if not news and asked < self._due:
            return
        runs = {key: (one.ticket.run, percents[key]) for key, one in held.items()}
        try:
            verdicts = self._desk.claims.beat(runs)
        except QueueError as error:
            self._desk.line.failed(error)
            return
        self._desk.line.worked()
        self._due = asked + self._interval
        for key, one in held.items():
            one.told = percents[key]
        fine = [one for key, one in held.items() if key not in verdicts]
        self._ledger.renew(fine, self._desk.deadline(asked))
        for key, verdict in verdicts.items():
            self._give_up(held[key], lost=verdict == "lost")

    def _give_up(self, held: Held, *, lost: bool) -> None:
        begun = self._ledger.progress(held) is not None
        if not self._ledger.drop(held):
            return
        if begun:
            self._pool.cancel(held.errand)
        self._gate.leave()
        if lost:
            self._journal.warn("job-lost", **about(self._desk.name, held.ticket))
            self._ledger.close([held])
            return
        name = held.ticket.job.input
        failure = Failure(code="cancelled", message=f"{name}: cancelled on request")
        result = Result(status="failed", input=name, error=failure)
        self._desk.end(held, Outcome(ticket=held.ticket, result=result, cancelled=True))
