"""A queue of jobs on a Redis server."""

from __future__ import annotations

from imgflow.queue.batches import Batches
from imgflow.queue.figures import Figures
from imgflow.queue.outbox import Outbox
from imgflow.queue.replies import Replies
from imgflow.queue.times import milliseconds
from imgflow.queue.upkeep import WORKER_SECONDS


class Queue(Batches, Figures, Outbox, Replies):
    """Submit jobs, follow them, look after them. Workers take them with ``Claims``.

    Every change is one atomic script that may safely be repeated when its reply was lost.
    Delivery is at least once, and only the holder of a lease can end a run; see
    ``docs/queue.md`` for what is left.
    """

    def tend(self) -> int:
        """Do the housekeeping: due retries, lapsed leases, jobs past their time to start.

        Every worker calls this once a second; anybody may. Returns how many jobs moved.
        """
        lease, losses = milliseconds(self.policy.lease), self.policy.losses
        seen = milliseconds(WORKER_SECONDS)
        return int(self.scripts.run("tend", *self.kept, lease, losses, seen))
