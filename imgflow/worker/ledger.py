"""The tickets that a worker answers for, from the claim until the queue has the outcome."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING

from imgflow.runner.board import Berth, Berths, Board, read_clock
from imgflow.runner.errand import Errand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.queue import Claims, Ticket


@dataclasses.dataclass(eq=False, slots=True)
class Held:
    """A ticket, and what became of it here.

    ``since`` is when it was admitted, ``told`` the progress that the queue knows of.
    ``working`` until its result is there, or nobody waits for it any more.
    """

    ticket: Ticket
    claims: Claims
    errand: Errand
    berth: Berth
    since: float
    told: int = 0
    working: bool = True


class Ledger:
    """Who holds what. Safe for threads."""

    def __init__(self, board: Board) -> None:
        """Start with nothing; ``board`` is the one of the pool."""
        self._board = board
        self._berths = Berths(len(board))
        self._at_work: dict[Berth, Held] = {}
        self._held: dict[tuple[Claims, str], Held] = {}
        self._changing = threading.Lock()

    def admit(self, claims: Claims, tickets: Iterable[Ticket], deadline: float) -> list[Held]:
        """Take in tickets whose leases are good until ``deadline``.

        An older run of the same job that is still here was lost without our knowing: it
        may not write any more.
        """
        with self._changing:
            return [self._admit(claims, ticket, deadline) for ticket in tickets]

    def finish(self, errand: Errand) -> Held | None:
        """Note that a result came; None if nobody waits for it any more."""
        with self._changing:
            held = self._at_work.get(errand.berth) if errand.berth else None
            return held if held and self._stop(held) else None

    def drop(self, held: Held) -> bool:
        """Give a job up, which from now on may not write; False if its result is there."""
        with self._changing:
            return self._stop(held)

    def close(self, ended: Iterable[Held]) -> None:
        """Forget tickets that the queue has taken back, or has given to somebody else."""
        with self._changing:
            for held in ended:
                key = (held.claims, held.ticket.id)
                if self._held.get(key) is held:
                    del self._held[key]

    def of(self, claims: Claims) -> list[Held]:
        """Return all tickets of one queue, those that wait to be settled among them."""
        with self._changing:
            return [held for (owner, _), held in self._held.items() if owner is claims]

    def at_work(self) -> list[Held]:
        """Return the tickets that are worked on, or wait for a process that is free."""
        with self._changing:
            return list(self._at_work.values())

    def renew(self, renewed: Iterable[Held], deadline: float) -> None:
        """Move the deadlines of jobs that are at work."""
        with self._changing:
            for held in renewed:
                if held.working:
                    self._board.renew(held.berth, deadline)

    def progress(self, held: Held) -> int | None:
        """Return how far a job is, in percent; None if it has not begun."""
        with self._changing:
            return self._board.progress(held.berth) if held.working else held.told

    def _admit(self, claims: Claims, ticket: Ticket, deadline: float) -> Held:
        if older := self._held.get((claims, ticket.id)):
            self._stop(older)
        berth = self._berths.take()
        self._board.assign(berth, deadline)
        held = Held(ticket, claims, Errand(ticket.job, berth), berth, read_clock())
        self._at_work[berth] = self._held[claims, ticket.id] = held
        return held

    def _stop(self, held: Held) -> bool:
        if not held.working:
            return False
        held.working = False
        del self._at_work[held.berth]
        self._board.revoke(held.berth)
        self._berths.give(held.berth)
        return True
