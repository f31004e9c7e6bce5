"""Kills workers at random while they work, and looks when their jobs start again."""

from __future__ import annotations

import math
import random
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from chaos_fleet import Fleet, Hand, Way
    from chaos_scene import Scene

#: Ways to kill; a parent is worth more tries, because its jobs have to be found.
_WAYS: tuple[Way, ...] = ("parent", "parent", "parent", "child", "both")
#: Seconds between two looks at the jobs of those that were killed.
_LOOK = 0.02


class Kill(NamedTuple):
    """A kill at a time (seconds since 1970), and the number of jobs that the worker held."""

    at: float
    way: Way
    held: int


class Recovery(NamedTuple):
    """A job that was held by a worker killed ``at`` a time, and started ``after`` seconds."""

    at: float
    after: float
    way: Way


class Killer:
    """Kills a worker every ``pause`` seconds, ``most`` times; a dead one is replaced at once."""

    def __init__(  # noqa: PLR0913 - what a run consists of
        self,
        scene: Scene,
        fleet: Fleet,
        *,
        workers: int,
        seed: int,
        pause: float = 0.5,
        most: float = math.inf,
    ) -> None:
        self.kills: list[Kill] = []
        self._most = most
        self.recoveries: list[Recovery] = []
        self._client, self._key = scene.queue.client, scene.queue.key
        self._fleet = fleet
        self._workers, self._pause = workers, pause
        self._dice = random.Random(seed)  # noqa: S311 - a fair game, no secret
        self._watched: dict[str, tuple[int, Kill]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        for _ in range(self._workers):
            self._fleet.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic() + self._pause
        while not self._over.wait(_LOOK):
            self._look()
            if time.monotonic() >= due and len(self.kills) < self._most:
                due = time.monotonic() + self._pause
                self._kill_one()

    def _kill_one(self) -> None:
        self._strike(self._dice.choice(self._fleet.living))
        while len(self._fleet.living) < self._workers:
            self._fleet.start()

    def _strike(self, hand: Hand) -> None:
        way = self._dice.choice(_WAYS)
        at = time.time()
        hand.kill(way, self._dice.randrange(8))
        name = hand.name
        held = self._held_by(name) if name else {}
        kill = Kill(at, way, len(held))
        self.kills.append(kill)
        for job_id, run in held.items():
            self._watched[job_id] = (run, kill)

    def _held_by(self, worker: str) -> dict[str, int]:
        """Return the jobs that a worker has, with the number of the run."""
        ids = [one.decode() for one in self._client.lrange(self._key("inprogress"), 0, -1)]
        found = {}
        for job_id, (state, run, _, holder) in zip(ids, self._entries(ids), strict=True):
            if state == b"p" and holder == worker.encode():
                found[job_id] = int(run)
        return found

    def _look(self) -> None:
        ids = list(self._watched)
        for job_id, (state, run, start, _) in zip(ids, self._entries(ids), strict=True):
            before, kill = self._watched[job_id]
            if int(run) > before:
                after = int(start) / 1000 - kill.at
                self.recoveries.append(Recovery(kill.at, after, kill.way))
                del self._watched[job_id]
            elif state in (b"c", b"f", b"x", b"e"):
                del self._watched[job_id]

    def _entries(self, ids: list[str]) -> list[list[bytes]]:
        with self._client.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                pipeline.hmget(self._key("job:" + job_id), "s", "n", "start", "w")
            return list(pipeline.execute())
