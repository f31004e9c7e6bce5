"""What the child processes of a rigged worker do: the real work, with a storage that is watched.

``CHAOS_SECONDS`` makes a job last longer, ``CHAOS_LOG`` names a file that is told when a host
(``CHAOS_HOST``) begins a job, and when it has written a file.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

import chaos_point

from imgflow import execute as product
from imgflow.runner.watched import WatchedStorage
from imgflow.storage.properties import PLAIN, Properties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chaos_point import Point

    from imgflow.job import Job, Result
    from imgflow.limits import Limits
    from imgflow.storage import Entry, Storage
    from imgflow.storage.storage import Data


class Line(NamedTuple):
    """A line of the log: at a time (CLOCK_MONOTONIC) a host did something about a path."""

    at: float
    host: str
    what: str
    path: str


def execute(
    job: Job, storage: Storage, limits: Limits, progress: Callable[[int], None] | None = None
) -> Result:
    """Do a job, slowly and under observation."""
    note("begin", job.input)
    time.sleep(float(os.environ.get("CHAOS_SECONDS", "0")))
    return product.execute(job, RiggedStorage(storage), limits, progress)


def note(what: str, path: str) -> None:
    """Add a line to the log, which all hosts write to."""
    if name := os.environ.get("CHAOS_LOG"):
        host = os.environ.get("CHAOS_HOST", "")
        line = f"{time.monotonic():.6f}\t{host}\t{what}\t{path}\n"
        log = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.write(log, line.encode())
        os.close(log)


def read_log(path: Path) -> list[Line]:
    """Return the log, in the order of time."""
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return sorted(Line(float(at), host, what, name) for at, host, what, name in rows)


class RiggedStorage(WatchedStorage):
    """Passes everything on, takes notes, and dies where it was told to."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self._point = chaos_point.here()

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        strike(self._point, "before write")
        with Halfway(self._point):
            entry = super().write(uri, data, properties)
        note("wrote", uri)
        strike(self._point, "after write")
        return entry


class Halfway:
    """Dies between the writing of a temporary file and its renaming."""

    def __init__(self, point: Point | None) -> None:
        self._point = point
        self._replace = os.replace

    def __enter__(self) -> None:
        os.replace = self._strike  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        os.replace = self._replace

    def _strike(self, source: str, target: str) -> None:
        strike(self._point, "inside write")
        self._replace(source, target)


def strike(point: Point | None, name: str) -> None:
    """Kill this process, its parent, or both, if this is the point."""
    if point:
        child, parent = os.getpid(), os.getppid()
        point.strike(f"{name}, child", child)
        point.strike(f"{name}, parent", parent)
        point.strike(f"{name}, both", parent, child)
