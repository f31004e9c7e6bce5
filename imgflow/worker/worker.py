"""A worker: from its start to an orderly end."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

from imgflow.errors import ImgflowError, QueueError
from imgflow.limits import DEFAULT_LIMITS
from imgflow.queue import Claims, worker_name
from imgflow.runner.board import Board
from imgflow.runner.errand import Setup
from imgflow.runner.pool import WorkerPool
from imgflow.worker.desk import Desk
from imgflow.worker.gate import Gate
from imgflow.worker.journal import Journal
from imgflow.worker.ledger import Ledger
from imgflow.worker.pulse import Pulse
from imgflow.worker.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgflow.queue import Queue

#: Seconds between two rounds of housekeeping, if leases are not shorter than four of them.
_TEND = 1.0
#: Seconds to tell the queue the last outcomes; what is not told then runs again elsewhere.
_LAST_WORDS = 5.0
#: Lines on the board for each process: more than jobs are ever claimed ahead.
_LINES = 64
#: Batches after which a process makes room for a fresh one: libvips and the allocator keep
#: some memory, and to start a process costs what some ten pictures cost.
_RECYCLE = 2000


class Worker:
    """Runs jobs of some queues, on ``slots`` processes, until it is stopped.

    ``setup`` says how the processes work; ``drain`` is the time in seconds that jobs get
    to be finished after the first :meth:`stop`.
    """

    def __init__(
        self,
        queues: Sequence[Queue],
        *,
        slots: int,
        setup: Setup | None = None,
        drain: float = 25.0,
        recycle: int = _RECYCLE,
    ) -> None:
        """Prepare everything; nothing is claimed before :meth:`run`."""
        self.name = worker_name()
        self._slots = slots
        self._drain = drain
        self._journal = Journal(self.name)
        board = Board(slots * _LINES)
        self._pool = WorkerPool(
            slots, setup or Setup(limits=DEFAULT_LIMITS), board=board, recycle=recycle
        )
        self._ledger = Ledger(board)
        self._workshop = Workshop(self._pool, slots, self._ledger)
        self._gate = Gate(self._workshop.capacity)
        self._desks = {
            claims: Desk(claims, self._ledger, self._gate, self._journal)
            for claims in (Claims(one, self.name, slots) for one in queues)
        }
        self._orders: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self._ending = threading.Event()

    def stop(self) -> None:
        """Ask for the end; asked twice, it comes at once. May be called by a signal handler."""
        self._orders.put(None)

    def run(self) -> None:
        """Work until told to stop; then finish what was begun, or hand it back.

        Raises ImgflowError if the processes cannot be kept alive, all jobs handed back.
        """
        queues = ",".join(desk.name for desk in self._desks.values())
        self._journal.note("worker-started", queues=queues, slots=self._slots)
        self._pool.warm_up()
        claiming = [self._start(desk.claim, self._workshop.hand_out) for desk in self._all]
        settling = {desk: self._start(desk.settle) for desk in self._all}
        collecting = self._start(self._collect)
        for desk in self._all:
            pulse = Pulse(desk, self._ledger, self._pool, self._gate, self._journal)
            self._start(self._repeat, pulse.tick, pulse.beat)
        shortest = min(desk.lease for desk in self._all)
        self._start(self._repeat, min(_TEND, shortest / 4), self._tend)
        error = self._orders.get()
        self._gate.close()
        self._journal.note("worker-stopping", jobs=len(self._ledger.at_work()))
        if error is None:
            self._finish_work(claiming)
        self._hand_back(collecting)
        self._sign_off(settling)
        self._journal.note("worker-stopped")
        if error is not None:
            raise error

    @property
    def _all(self) -> list[Desk]:
        return list(self._desks.values())

    def _start(self, target: Callable[..., None], *arguments: object) -> threading.Thread:
        """Start a thread; what goes wrong in it ends the worker."""

        def run() -> None:
            try:
                target(*arguments)
            except Exception as error:  # noqa: BLE001 - raised again by the main thread
                fields = {"code": error.code} if isinstance(error, ImgflowError) else {}
                self._journal.fail("worker-broken", error=str(error), **fields)
                self._orders.put(error)

        thread = threading.Thread(target=run, name="imgflow-worker", daemon=True)
        thread.start()
        return thread

    def _repeat(self, seconds: float, action: Callable[[], None]) -> None:
        """Act at once, and then again and again: a worker may not live for long."""
        action()
        while not self._ending.wait(seconds):
            action()

    def _collect(self) -> None:
        """Pass results on until the pool is closed, and all of them are."""
        while not self._pool.is_done:
            for held, outcome in self._workshop.collect():
                self._gate.leave()
                self._desks[held.claims].end(held, outcome)

    def _tend(self) -> None:
        for held in self._workshop.hand_back():
            self._gate.leave()
            self._desks[held.claims].end(held)
        for desk in self._all:
            try:
                desk.claims.queue.tend()
            except QueueError as error:
                desk.line.failed(error)

    def _finish_work(self, claiming: Sequence[threading.Thread]) -> None:
        """Wait until all jobs are done, the time is over, or the end is asked for again."""
        deadline = time.monotonic() + self._drain
        while self._ledger.at_work() or any(thread.is_alive() for thread in claiming):
            try:
                self._orders.get(timeout=0.05)
            except queue.Empty:
                if time.monotonic() < deadline:
                    continue
            return

    def _hand_back(self, collecting: threading.Thread) -> None:
        """End the processes, pass on the results that are there, and hand back the rest.

        Only when no process is left that could still write may others have the jobs.
        """
        self._pool.close()
        collecting.join()
        for held in self._ledger.at_work():
            if self._ledger.drop(held):
                self._desks[held.claims].end(held)

    def _sign_off(self, settling: dict[Desk, threading.Thread]) -> None:
        for desk in settling:
            desk.finish()
        deadline = time.monotonic() + _LAST_WORDS
        for desk, thread in settling.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            desk.give_up()
        self._ending.set()
