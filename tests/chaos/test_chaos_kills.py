"""Workers killed at random, every half a second, while they work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chaos_fleet import Fleet, rigged_worker
from chaos_killer import Killer
from chaos_scene import SHORT, Album, Scene, make_album
from chaos_verdict import judge, wait_for_all

if TYPE_CHECKING:
    from servers import RedisServer

pytestmark = pytest.mark.slow

WORKERS, SLOTS, JOBS, KILLS = 3, 2, 150, 20


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    return make_album(tmp_path_factory.mktemp("album"), JOBS)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_workers_lose_nothing(
    one_redis_url: str, single_server: RedisServer, album: Album, tmp_path: Path, seed: int
) -> None:
    scene = Scene(single_server, album, tmp_path / "out")
    order = {"url": one_redis_url, "slots": SLOTS, "lease": SHORT.lease, "delays": SHORT.delays}
    with Fleet(tmp_path / "logs", rigged_worker(**order), CHAOS_SECONDS="0.05") as fleet:
        scene.submit_doomed(broken=4, late=3)
        with Killer(scene, fleet, workers=WORKERS, seed=seed, most=KILLS) as killer:
            wait_for_all(scene, 60.0)
        verdict = judge(scene)
        assert not verdict.faults
        assert verdict.states["expired"] == 3
        assert sum(verdict.states.values()) == JOBS + 7
        assert killer.kills
        assert killer.recoveries
        assert verdict.reruns >= len(killer.recoveries)

        # What was given up, after three lost workers, is done when it is asked for.
        given_up = [one.job_id for one in scene.queue.failed(limit=JOBS) if one.losses or one.kills]
        scene.queue.retry(given_up)
        fleet.start()
        wait_for_all(scene, 60.0)
        assert fleet.drain()
    verdict = judge(scene)
    assert not verdict.faults
    assert verdict.states == {"completed": JOBS, "failed": 4, "expired": 3}
    scene.close()
