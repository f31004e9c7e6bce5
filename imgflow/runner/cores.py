"""How many cores this process may use: affinity and the quota of its control group."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def default_workers(root: str = "/") -> int:
    """Return the number of cores to use, at least 1.

    A fraction of a core in the quota counts as one: 1.5 cores are used up by two
    processes, not by one. ``root`` is where ``proc`` and ``sys`` are found.
    """
    quota = min(_quotas(root), default=math.inf)
    return max(1, min(_affinity(), math.ceil(quota) if quota < math.inf else _affinity()))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: str) -> Iterator[float]:
    """Yield the cores granted by each control group that this process is in."""
    for line in _read(root, "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount, quota = "sys/fs/cgroup", _quota_v2
        elif "cpu" in controllers.split(","):
            mount, quota = "sys/fs/cgroup/cpu", _quota_v1
        else:
            continue
        for group in _lineage(path):
            yield quota(root, mount + group)


def _lineage(path: str) -> Iterator[str]:
    """Yield a group and all above it: each of them may set a quota.

    Inside a container the path may be the host's, of which only the root is visible.
    """
    path = path.rstrip("/")
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def _quota_v2(root: str, group: str) -> float:
    quota, _, period = _read(root, f"{group}/cpu.max").strip().partition(" ")
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() else math.inf


def _quota_v1(root: str, group: str) -> float:
    quota = _read(root, f"{group}/cpu.cfs_quota_us").strip()
    period = _read(root, f"{group}/cpu.cfs_period_us").strip()
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() else math.inf


def _read(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""
