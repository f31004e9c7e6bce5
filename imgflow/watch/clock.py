"""When to look at everything again."""

from __future__ import annotations

import time

#: Seconds without a change before all is looked at once more: whatever was not told, or was
#: half done, shows then.
QUIET = 0.2
#: The same after new files; and the most that they wait while still more arrive.
ARRIVED, MOST_ARRIVED = 0.1, 0.5


class Clock:
    """Time until the next look, if there is to be one."""

    def __init__(self) -> None:
        """Start without a look to come."""
        self._due: float | None = None
        self._latest: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds until the next look, 0 if it is time, None if there is to be none."""
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def put_off(self, seconds: float = QUIET) -> None:
        """Look again after some seconds in which nothing happens, but if files wait, soon."""
        self._due = time.monotonic() + seconds
        if self._latest is not None:
            self._due = min(self._due, self._latest)

    def expect(self) -> None:
        """Look again soon, as files have arrived."""
        if self._latest is None:
            self._latest = time.monotonic() + MOST_ARRIVED
        self.put_off(ARRIVED)

    def clear(self) -> None:
        """Plan no look."""
        self._due = self._latest = None
