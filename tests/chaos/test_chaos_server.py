"""Redis killed, frozen and cut off while real workers are at work."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chaos_fleet import Fleet, rigged_worker, until
from chaos_scene import SHORT, Album, Scene, make_album
from chaos_verdict import judge, wait_for_all
from fault_proxy import FaultProxy
from servers import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_verdict import Verdict

pytestmark = pytest.mark.slow

JOBS = 120
#: Work that lasts long enough to be met by what happens to the server.
SECONDS = "0.1"


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    return make_album(tmp_path_factory.mktemp("album"), JOBS)


@pytest.fixture
def server(redis_binary: str, tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(redis_binary, tmp_path / "redis") as server:
        yield server


@pytest.fixture
def scene(server: RedisServer, album: Album, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(server, album, tmp_path / "out")
    scene.submit()
    yield scene
    scene.close()


def fleet_on(url: str, folder: Path) -> Fleet:
    order = {"url": url, "slots": 1, "lease": SHORT.lease, "delays": SHORT.delays}
    return Fleet(folder / "logs", rigged_worker(**order), CHAOS_SECONDS=SECONDS)


def completed(scene: Scene) -> int:
    batch = scene.queue.batch(scene.batch)
    assert batch is not None
    return batch.completed


def wait_until_completed(scene: Scene, number: int) -> None:
    for _ in until():
        if completed(scene) >= number:
            return


def check(scene: Scene, fleet: Fleet) -> Verdict:
    """Wait for the end, and for that of the workers, all of which must still be the same."""
    wait_for_all(scene, 60.0)
    assert fleet.drain() == [0] * len(fleet.hands)
    verdict = judge(scene)
    assert not verdict.faults
    assert verdict.states == {"completed": JOBS}
    return verdict


def test_a_server_killed_and_restarted_under_load_loses_nothing(
    server: RedisServer, scene: Scene, tmp_path: Path
) -> None:
    with fleet_on(server.url, tmp_path) as fleet:
        for _ in range(3):
            fleet.start()
        for kills in range(1, 4):
            wait_until_completed(scene, kills * JOBS // 5)
            before = completed(scene)
            server.restart(crash=True)
            assert completed(scene) >= before, "what had ended was forgotten"
        check(scene, fleet)


def test_a_server_that_is_frozen_is_waited_for(
    server: RedisServer, scene: Scene, tmp_path: Path
) -> None:
    with fleet_on(server.url, tmp_path) as fleet:
        for _ in range(3):
            fleet.start()
        wait_until_completed(scene, JOBS // 4)
        server.pause()
        time.sleep(3 * SHORT.lease)
        server.resume()
        verdict = check(scene, fleet)
    # Leases had lapsed, but the workers were there: none is taken for dead.
    assert verdict.losses == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_replies_that_are_lost_cost_nothing(
    server: RedisServer, scene: Scene, tmp_path: Path, seed: int
) -> None:
    with FaultProxy(server.address) as proxy, fleet_on(proxy.url(), tmp_path) as fleet:
        for _ in range(3):
            fleet.start()
        proxy.drop_replies(10_000, chance=0.2, seed=seed, only=b"EVALSHA")
        wait_for_all(scene, 60.0)
        proxy.drop_replies(0)
        verdict = check(scene, fleet)
        assert proxy.dropped > 20
    assert verdict.kills == 0


def test_connections_that_are_reset_all_the_time_cost_nothing(
    server: RedisServer, scene: Scene, tmp_path: Path
) -> None:
    with FaultProxy(server.address) as proxy, fleet_on(proxy.url(), tmp_path) as fleet:
        for _ in range(3):
            fleet.start()
        for _ in until():
            proxy.cut()
            if completed(scene) >= JOBS // 2:
                break
        check(scene, fleet)


def test_a_script_cache_that_is_flushed_is_filled_again(
    server: RedisServer, scene: Scene, tmp_path: Path
) -> None:
    with fleet_on(server.url, tmp_path) as fleet, server.client() as client:
        for _ in range(3):
            fleet.start()
        for _ in until():
            client.script_flush()
            if completed(scene) >= JOBS // 4:
                break
        verdict = check(scene, fleet)
    assert verdict.reruns == 0
