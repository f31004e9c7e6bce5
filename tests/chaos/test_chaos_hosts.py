"""Three machines, one of them cut off for a while: network namespaces, where root may."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chaos_fleet import Fleet, rigged_worker, until
from chaos_hosts import Network, may_network
from chaos_scene import SHORT, Scene, make_album
from chaos_verdict import judge, wait_for_all
from chaos_work import Line, read_log
from servers import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not may_network(), reason="network namespaces are for root"),
]

JOBS = 12
#: A job lasts longer than a lease: who is cut off cannot be done before it lapses.
SECONDS = "2.4"


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(3) as network:
        yield network


@pytest.fixture
def server(redis_binary: str, network: Network, tmp_path: Path) -> Iterator[RedisServer]:
    options = {"bind": f"127.0.0.1 {network.address}", "protected-mode": "no"}
    with RedisServer(redis_binary, tmp_path / "redis", options=options) as server:
        yield server


def test_a_host_that_is_cut_off_publishes_nothing_over_its_successor(
    server: RedisServer, network: Network, tmp_path: Path
) -> None:
    scene = Scene(server, make_album(tmp_path, JOBS), tmp_path / "out")
    scene.submit()
    log = tmp_path / "log"
    url = f"redis://{network.address}:{server.port}/0"
    order = {"url": url, "slots": 1, "lease": SHORT.lease, "delays": SHORT.delays}
    far = network.hosts[0]
    with Fleet(
        tmp_path / "logs", rigged_worker(**order), CHAOS_SECONDS=SECONDS, CHAOS_LOG=str(log)
    ) as fleet:
        hands = [fleet.start(network.inside(host), CHAOS_HOST=host) for host in network.hosts]
        wait_for_lines(log, hosts=3)
        network.cut(far)
        for _ in until():
            if scene.queue.stats().counts.get("lost"):
                break
        for _ in until():
            if taken_over(read_log(log), far):
                break
        network.heal(far)
        for _ in until():
            if hands[0].events("job-lost") and hands[0].events("job-completed"):
                break
        wait_for_all(scene, 60.0)
        assert fleet.drain() == [0, 0, 0]
    verdict = judge(scene)
    scene.close()
    assert not verdict.faults
    assert verdict.states == {"completed": JOBS}
    lines = read_log(log)
    assert not stale_writes(lines)
    # The host that was cut off lost its job, and no more.
    assert verdict.losses == 1
    written = [line.path for line in lines if line.what == "wrote"]
    assert len(written) == len(set(written)) == 2 * JOBS


def wait_for_lines(log: Path, hosts: int) -> None:
    for _ in until():
        if log.exists() and len({line.host for line in read_log(log)}) == hosts:
            return


def taken_over(lines: list[Line], host: str) -> bool:
    """Tell whether a job that a host had begun was begun by another one later."""
    begun = [line.path for line in lines if line.what == "begin" and line.host == host]
    others = [line.path for line in lines if line.what == "begin" and line.host != host]
    return bool(set(begun) & set(others))


def stale_writes(lines: list[Line]) -> list[Line]:
    """Return what was written by a host after another one had begun the job."""
    owner: dict[str, str] = {}
    stale = []
    for line in lines:
        job = Path(line.path).stem[:4]
        if line.what == "begin":
            owner[job] = line.host
        elif owner[job] != line.host:
            stale.append(line)
    return stale
