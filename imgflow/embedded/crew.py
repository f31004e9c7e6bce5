"""Processes that work together: they end together, in order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.embedded.child import Child

_PAUSE = 0.05


class Member(NamedTuple):
    """A running command, and the seconds that it may take to end."""

    child: Child
    limit: float


class Crew:
    """Members in the order of their start; the last that joined is the first to be stopped."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._members: list[Member] = []

    def join(self, child: Child, limit: float) -> None:
        """Add a running command that may take so many seconds to end."""
        self._members.append(Member(child, limit))

    def fallen(self) -> Child | None:
        """Return one that has ended by itself."""
        return next((m.child for m in self._members if m.child.exit_code is not None), None)

    def stop(self, hurried: Callable[[], bool]) -> list[str]:
        """Stop all, one after the other; return the names of those that had to be killed.

        Once ``hurried`` says so, nobody is given time any more.
        """
        killed = []
        while self._members:
            child, limit = self._members[-1]
            if child.exit_code is None:
                child.ask_to_end()
            deadline = time.monotonic() + limit
            while child.exit_code is None and time.monotonic() < deadline and not hurried():
                time.sleep(_PAUSE)
            if not child.wait(0.0):
                killed.append(child.name)
            self._members.pop()
        return killed
