"""How many jobs to hand out together: one picture of some size, several if they are tiny."""

from __future__ import annotations

#: Seconds of work in a batch: much against the cost of handing one out (0.3 ms), and little
#: against the patience of who watches.
_BATCH_SECONDS = 0.02
_MOST = 16
#: Weight of the newest job in the running mean.
_FRESH = 0.2


class Pace:
    """A running mean of how long jobs take, in seconds."""

    def __init__(self) -> None:
        """Expect slow jobs, until they prove quick."""
        self._seconds = 1.0

    @property
    def seconds(self) -> float:
        """How long the next job may be expected to take."""
        return self._seconds

    @property
    def batch_size(self) -> int:
        """The number of jobs to hand out together, 1 to 16."""
        return max(1, min(_MOST, int(_BATCH_SECONDS / max(self._seconds, 1e-6))))

    def learn(self, seconds: float) -> None:
        """Take the duration of one job into account; slow ones count at once."""
        mean = self._seconds + _FRESH * (seconds - self._seconds)
        self._seconds = max(mean, seconds) if seconds > _BATCH_SECONDS else mean
