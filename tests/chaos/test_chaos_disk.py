"""Disks that are full: the one that files go to, and the one of the server's log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chaos_disk import SmallDisk, may_mount
from chaos_fleet import Fleet, rigged_worker, until
from chaos_scene import SHORT, Scene, digests_of, make_album
from chaos_verdict import judge, wait_for_all
from servers import RedisServer

from imgflow.errors import QueueError

if TYPE_CHECKING:
    from chaos_verdict import Verdict

pytestmark = pytest.mark.slow

JOBS = 30
#: Enough retries to wait for somebody who makes room.
DELAYS = (0.3,) * 100


@pytest.fixture(autouse=True)
def _mounting(tmp_path: Path) -> None:
    if not may_mount(tmp_path / "probe"):
        pytest.skip("to mount a small disk is for root")


def test_a_full_disk_is_an_error_that_passes_and_leaves_no_half_file(
    one_redis_url: str, single_server: RedisServer, tmp_path: Path
) -> None:
    album = make_album(tmp_path, JOBS)
    order = {"url": one_redis_url, "slots": 1, "lease": SHORT.lease, "delays": DELAYS}
    with (
        SmallDisk(tmp_path / "out", 4096) as disk,
        Fleet(tmp_path / "logs", rigged_worker(**order)) as fleet,
    ):
        scene = Scene(single_server, album, disk.folder)
        scene.submit()
        # Room for some of the files, and for a part of one more.
        disk.fill(leave=30_000)
        fleet.start()
        for _ in until():
            found = scene.queue.status(list(scene.inputs))
            waiting = [one for one in found if one and one.errors]
            if len(waiting) >= JOBS // 2:
                break
        assert {one.status for one in waiting} <= {"queued", "processing", "completed"}
        assert {error.code for one in waiting for error in one.errors} == {"write-failed"}
        assert not half_files(scene)
        disk.make_room()
        verdict = finish(scene, fleet)
        assert not [path for path in disk.folder.iterdir() if path.name.endswith("imgflow-tmp")]
        scene.close()
    assert verdict.states == {"completed": JOBS}
    assert (verdict.losses, verdict.kills) == (0, 0)


def test_a_server_whose_disk_is_full_is_waited_for(redis_binary: str, tmp_path: Path) -> None:
    album = make_album(tmp_path, JOBS)
    with SmallDisk(tmp_path / "redis", 4096) as disk:
        options = {"auto-aof-rewrite-percentage": 0}
        with RedisServer(redis_binary, disk.folder, options=options) as server:
            scene = Scene(server, album, tmp_path / "out")
            scene.submit()
            order = {"url": server.url, "slots": 1, "lease": SHORT.lease, "delays": DELAYS}
            with Fleet(tmp_path / "logs", rigged_worker(**order), CHAOS_SECONDS="0.3") as fleet:
                hand = fleet.start()
                for _ in until():
                    if scene.queue.running():
                        break
                disk.fill()
                refusal = wait_for_refusal(scene)
                assert (refusal.code, refusal.retryable) == ("queue-disk", True)
                for _ in until():
                    if hand.events("queue-down"):
                        break
                disk.make_room()
                verdict = finish(scene, fleet)
                assert hand.events("queue-back")
            scene.close()
    assert verdict.states == {"completed": JOBS}
    assert verdict.kills == 0


def wait_for_refusal(scene: Scene) -> QueueError:
    """Return the error of a change of the queue, as soon as there is one."""
    for _ in until():
        try:
            scene.queue.open_batch("another")
        except QueueError as error:
            return error
    raise AssertionError


def half_files(scene: Scene) -> list[str]:
    """Return the names of files that are not what a clean run makes of them."""
    clean = scene.album.digests
    found = digests_of(scene.out)
    return [name for name in found if found[name] != clean[name]]


def finish(scene: Scene, fleet: Fleet) -> Verdict:
    wait_for_all(scene, 60.0)
    assert fleet.drain() == [0]
    verdict = judge(scene)
    assert not verdict.faults
    return verdict
