"""How a queue treats its jobs: retries, leases, and how long things are kept."""

from __future__ import annotations

from typing import Literal

import msgspec

HOUR = 3600.0
DAY = 24 * HOUR

Priority = Literal["high", "normal", "low"]
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a queue; all times are in seconds.

    ``delays`` are the pauses before the retries, and as many as there are retries; each is
    spread by up to ``jitter`` times itself, up or down. ``retry_permanent`` also retries
    errors that cannot get better by themselves. A job may kill ``kills`` children (crash,
    memory, time limit) and may be lost with ``losses`` workers before it is given up.
    ``lease`` is how long a claim holds without a heartbeat.

    ``ttl`` is the time in which a job must be started, ``dedupe_window`` how long after its
    completion a job still answers for another one that is the same. ``results_ttl`` and
    ``dead_ttl`` say how long finished and failed jobs are kept.
    """

    delays: tuple[float, ...] = (1.0, 5.0, 25.0)
    jitter: float = 0.0
    retry_permanent: bool = False
    kills: int = 1
    losses: int = 2
    lease: float = 15.0
    ttl: float = DAY
    dedupe_window: float = HOUR
    results_ttl: float = DAY
    dead_ttl: float = 30 * DAY


DEFAULT_POLICY = Policy()
