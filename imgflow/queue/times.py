"""Times as the queue keeps them, and as people read them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgflow.queue.policy import Policy


def stamp(milliseconds: str | float | None) -> str:
    """Return a time in UTC, ISO 8601 with milliseconds, from milliseconds since 1970."""
    if not milliseconds:
        return ""
    moment = dt.datetime.fromtimestamp(int(milliseconds) / 1000, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(seconds: float) -> int:
    """Return a duration in whole milliseconds."""
    return round(seconds * 1000)


def retention(policy: Policy) -> tuple[int, int, int]:
    """Return how long results, dead letters and duplicates are kept, in milliseconds."""
    return (
        milliseconds(policy.results_ttl),
        milliseconds(policy.dead_ttl),
        milliseconds(policy.dedupe_window),
    )
