"""A worker that dies at each point of its way to the queue and to the files, once.

All points are tried at the same time, each on a queue of its own: first the worker that dies
there, then one healthy worker for all queues.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chaos_fleet import Fleet, Hand, rigged_worker, until
from chaos_point import told
from chaos_scene import SHORT, Scene, make_album
from chaos_verdict import judge, wait_for_all

if TYPE_CHECKING:
    from servers import RedisServer

pytestmark = pytest.mark.slow

JOBS = 6
SCRIPTS = ("claim", "beat", "settle", "tend")
WRITES = [
    f"{when} write, {victim}"
    for when in ("before", "inside", "after")
    for victim in ("child", "parent", "both")
]
PARENTS = [f"{when} {name}" for name in SCRIPTS for when in ("before", "after")]
GROUPS = {"scripts": PARENTS, "writes": WRITES}


@pytest.mark.parametrize("group", GROUPS)
def test_death_at_any_point_loses_nothing(
    one_redis_url: str, single_server: RedisServer, tmp_path: Path, group: str
) -> None:
    points = GROUPS[group]
    album = make_album(tmp_path, JOBS)
    scenes = {}
    order = {"url": one_redis_url, "lease": SHORT.lease, "delays": SHORT.delays}
    with ExitStack() as stack:
        doomed: dict[str, Hand] = {}
        for number, point in enumerate(points):
            name = f"point-{number}"
            scenes[point] = Scene(single_server, album, tmp_path / name, name=name)
            scenes[point].submit()
            command = rigged_worker(**order, slots=1, queues=[name])
            fleet = stack.enter_context(
                Fleet(tmp_path / f"logs-{name}", command, CHAOS_SECONDS="0.1")
            )
            doomed[point] = fleet.start(**told(point, tmp_path / f"mark-{number}"))
        for number, point in enumerate(points):
            _wait_for(tmp_path / f"mark-{number}", point)
            if not point.endswith("child"):
                doomed[point].wait()
        queues = [scene.queue.name for scene in scenes.values()]
        healthy = stack.enter_context(
            Fleet(tmp_path / "logs", rigged_worker(**order, slots=2, queues=queues))
        )
        healthy.start()
        for scene in scenes.values():
            wait_for_all(scene, 60.0)
        assert healthy.drain() == [0]
        verdicts = {point: judge(scene) for point, scene in scenes.items()}
        for scene in scenes.values():
            scene.close()
    for point, verdict in verdicts.items():
        assert not verdict.faults, point
        assert verdict.states == {"completed": JOBS}, point
        assert verdict.losses or verdict.kills or not _holds_jobs(point), point


def _holds_jobs(point: str) -> bool:
    """Tell whether a worker that dies here must have had a job in its hands."""
    return point == "after claim" or "write" in point or point == "before settle"


def _wait_for(mark: Path, point: str) -> None:
    for _ in until():
        if mark.exists():
            return
    raise AssertionError(point)
