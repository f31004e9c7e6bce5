"""Workers that are told to stop: nothing runs twice, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chaos_fleet import Fleet, real_worker, rigged_worker, until
from chaos_point import told
from chaos_scene import SHORT, Album, Scene, make_album
from chaos_verdict import judge, wait_for_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import RedisServer

pytestmark = pytest.mark.slow

JOBS = 60


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    return make_album(tmp_path_factory.mktemp("album"), JOBS)


@pytest.fixture
def scene(
    one_redis_url: str, single_server: RedisServer, album: Album, tmp_path: Path
) -> Iterator[Scene]:
    assert one_redis_url
    scene = Scene(single_server, album, tmp_path / "out")
    scene.submit()
    yield scene
    scene.close()


def wait_until_working(scene: Scene) -> None:
    for _ in until():
        if any(one.progress or one.started_at for one in scene.queue.running()):
            return


def test_workers_that_come_and_go_run_nothing_twice(
    scene: Scene, one_redis_url: str, tmp_path: Path
) -> None:
    with Fleet(tmp_path / "logs", real_worker(one_redis_url)) as fleet:
        for _ in range(4):
            fleet.start()
            wait_until_working(scene)
            assert fleet.drain() == [0]
            assert not scene.queue.running(), "a job was left in the hands of nobody"
        fleet.start()
        wait_for_all(scene, 60.0)
        assert fleet.drain() == [0]
    verdict = judge(scene)
    assert not verdict.faults
    assert verdict.states == {"completed": JOBS}
    # Jobs that were claimed, but not begun, are handed back: their next claim is another run.
    assert (verdict.losses, verdict.kills) == (0, 0)


def test_what_is_not_finished_in_time_is_handed_back(
    scene: Scene, one_redis_url: str, tmp_path: Path
) -> None:
    order = {"url": one_redis_url, "lease": SHORT.lease, "delays": SHORT.delays, "drain": 0.2}
    with Fleet(tmp_path / "slow", rigged_worker(**order), CHAOS_SECONDS="20") as slow:
        slow.start()
        wait_until_working(scene)
        assert slow.drain() == [0]
    assert not scene.queue.running()
    assert sum(scene.queue.stats().depth.values()) == JOBS
    with Fleet(tmp_path / "quick", rigged_worker(**order)) as quick:
        quick.start()
        wait_for_all(scene, 60.0)
        assert quick.drain() == [0]
    verdict = judge(scene)
    assert not verdict.faults
    assert (verdict.states, verdict.losses) == ({"completed": JOBS}, 0)
    assert 0 < verdict.reruns <= 4


@pytest.mark.parametrize("when", ["before", "after"])
def test_death_at_the_very_end_loses_nothing(
    scene: Scene, one_redis_url: str, tmp_path: Path, when: str
) -> None:
    order = {"url": one_redis_url, "lease": SHORT.lease, "delays": SHORT.delays, "drain": 0.2}
    mark = tmp_path / "mark"
    with Fleet(tmp_path / "slow", rigged_worker(**order), CHAOS_SECONDS="20") as slow:
        slow.start(**told(f"{when} release", mark))
        wait_until_working(scene)
        assert slow.drain() == [-9]
        assert mark.exists()
    with Fleet(tmp_path / "quick", rigged_worker(**order)) as quick:
        quick.start()
        wait_for_all(scene, 60.0)
    verdict = judge(scene)
    assert not verdict.faults
    assert verdict.states == {"completed": JOBS}
    # Two jobs were at work, and are handed back together, or one after the other.
    assert verdict.losses == 2 if when == "before" else verdict.losses < 2
