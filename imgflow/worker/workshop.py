"""Where claimed jobs are done: handed out to processes, and collected from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.queue import Outcome
from imgflow.runner.board import read_clock
from imgflow.runner.leased import LEASE_LOST
from imgflow.runner.pace import Pace

if TYPE_CHECKING:
    from imgflow.job import Result
    from imgflow.runner.pool import WorkerPool
    from imgflow.worker.ledger import Held, Ledger

#: What a job is said to have died of if it took its process with it.
KILLS = ("worker-crashed", "worker-timeout", "worker-memory")
#: Jobs quicker than this, in seconds, are claimed ahead: one, or one batch, for each process.
_QUICK = 0.5
#: Batches for each process when jobs are quick: one at work, one so that it need not wait.
_AHEAD = 2
#: Seconds that a job waits behind others that proved slow before another worker may have it.
_PATIENCE = 2.0


class Workshop:
    """A pool with an intake that depends on how quick jobs are.

    Long jobs are claimed only when a process is free, so that none of them waits here
    while another worker is idle.
    """

    def __init__(self, pool: WorkerPool, slots: int, ledger: Ledger) -> None:
        """Take a pool of ``slots`` processes."""
        self._pool = pool
        self._slots = slots
        self._ledger = ledger
        self._pace = Pace()

    def capacity(self) -> int:
        """Return how many jobs may be here, at work or waiting."""
        ahead = _AHEAD if self._pace.seconds < _QUICK else 1
        return self._slots * ahead * self._pace.batch_size

    def hand_out(self, held: list[Held]) -> None:
        """Hand jobs to the processes, quick ones several at a time; raises ImgflowError."""
        size = max(1, min(self._pace.batch_size, len(held) // self._slots))
        for start in range(0, len(held), size):
            self._pool.submit(tuple(one.errand for one in held[start : start + size]))

    def collect(self) -> list[tuple[Held, Outcome | None]]:
        """Wait for jobs that are done; raises ImgflowError if no process can be kept alive.

        There is no outcome for a job that was not let write: it is to be handed back. What
        nobody waits for any more is left out, so that the list may be empty.
        """
        done = []
        for errand, result in self._pool.next_results():
            if held := self._ledger.finish(errand):
                done.append((held, self._judge(held, result)))
        return done

    def hand_back(self) -> list[Held]:
        """Give up jobs that wait while all processes are at slow ones; return them."""
        at_work = self._ledger.at_work()
        waiting = [one for one in at_work if self._ledger.progress(one) is None]
        if len(at_work) - len(waiting) < self._slots:
            return []
        now = read_clock()
        stranded = [one for one in waiting if now - one.since > _PATIENCE]
        if stranded:
            self._pace.learn(_PATIENCE)
        return [one for one in stranded if self._ledger.drop(one)]

    def _judge(self, held: Held, result: Result) -> Outcome | None:
        code = result.error.code if result.error else ""
        if code == LEASE_LOST:
            return None
        if code not in KILLS:
            self._pace.learn(result.seconds)
        return Outcome(ticket=held.ticket, result=result, killed=code in KILLS)
