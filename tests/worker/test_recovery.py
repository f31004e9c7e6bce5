"""Whatever dies, halts or is cut off: no job is lost, and none is published twice."""

from __future__ import annotations

import functools
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import group, wait_for

from imgflow.limits import MEGA, Limits
from imgflow.queue import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers import StartServer
    from shops import Shop

pytestmark = pytest.mark.slow


def test_jobs_are_done(shop: Shop) -> None:
    hand = shop.hire()
    ids = shop.submit(*(f"write {number}" for number in range(200)))
    statuses = shop.ended(*ids)
    assert {status.status for status in statuses} == {"completed"}
    assert {status.runs for status in statuses} == {1}
    assert all(Path(shop.target(f"write {number}")).exists() for number in range(200))
    assert sorted(event["job_id"] for event in hand.wrote("job-completed")) == sorted(ids)
    shop.check_tidy()


def test_killed_child_costs_one_kill(shop: Shop) -> None:
    shop.hire()
    (job_id,) = shop.submit(f"wait {shop.mark()}")
    (pid,) = shop.begun(shop.mark())
    os.kill(pid, signal.SIGKILL)
    shop.begun(shop.mark(), times=2)
    shop.mark().touch()
    (status,) = shop.ended(job_id)
    assert (status.status, status.runs, status.kills, status.losses) == ("completed", 2, 1, 0)
    assert [error.code for error in status.errors] == ["worker-crashed"]
    assert "SIGKILL" in status.errors[0].message
    shop.check_tidy()


@pytest.mark.parametrize("everybody", [False, True], ids=["parent", "parent and children"])
def test_jobs_of_a_killed_worker_run_elsewhere(shop: Shop, *, everybody: bool) -> None:
    first = shop.hire(slots=1)
    (job_id,) = shop.submit(f"wait {shop.mark()}")
    shop.begun(shop.mark())
    first.signal(signal.SIGKILL, everybody=everybody)
    first.leave()
    wait_for(lambda: not group(first.process.pid))
    second = shop.hire(slots=1)
    shop.begun(shop.mark(), times=2)
    shop.mark().touch()
    (status,) = shop.ended(job_id)
    assert (status.status, status.runs, status.kills, status.losses) == ("completed", 2, 0, 1)
    assert len(second.wrote("job-completed")) == 1
    shop.check_tidy()


@pytest.mark.parametrize(
    ("poison", "code"),
    [("segfault", "worker-crashed"), ("hang", "worker-timeout"), ("hog", "worker-memory")],
)
def test_poison_is_given_up_after_two_kills(shop: Shop, poison: str, code: str) -> None:
    shop.hire(limits=Limits(seconds=2.0, memory_bytes=200 * MEGA))
    (bad,) = shop.submit(poison)
    good = shop.submit(*(f"write {number}" for number in range(40)))
    (status,) = shop.ended(bad)
    assert (status.status, status.runs, status.kills, status.code) == ("failed", 2, 2, code)
    assert [(error.kind, error.code) for error in status.errors] == [("kill", code)] * 2
    assert [dead.job_id for dead in shop.queue.failed()] == [bad]
    for neighbour in shop.ended(*good):
        assert (neighbour.status, neighbour.kills, neighbour.losses) == ("completed", 0, 0)
    shop.check_tidy()


def test_only_the_culprit_of_a_batch_is_blamed(shop: Shop) -> None:
    inputs = [f"write {number}" for number in range(120)]
    inputs[60] = "segfault"
    ids = shop.submit(*inputs)
    shop.hire(slots=1)
    statuses = shop.ended(*ids)
    assert statuses.pop(60).kills == 2
    assert {(one.status, one.kills, one.runs) for one in statuses} == {("completed", 0, 1)}
    shop.check_tidy()


def test_stalled_worker_neither_finishes_nor_publishes(shop: Shop) -> None:
    stalled = shop.hire(slots=1)
    (job_id,) = shop.submit(f"wait {shop.mark()}")
    (old,) = shop.begun(shop.mark())
    stalled.signal(signal.SIGSTOP, everybody=True)
    successor = shop.hire(slots=1)
    _, new = shop.begun(shop.mark(), times=2)
    shop.mark().touch()
    (status,) = shop.ended(job_id)
    output = Path(shop.target(f"wait {shop.mark()}"))
    assert output.read_text() == str(new)
    successor.signal(signal.SIGTERM)
    assert successor.leave() == 0

    stalled.signal(signal.SIGCONT, everybody=True)
    (after,) = shop.submit("write after")
    assert shop.ended(after)[0].status == "completed"
    wait_for(lambda: stalled.wrote("job-lost") or stalled.wrote("job-handed-back"))
    assert output.read_text() == str(new) != str(old)
    assert [event["job_id"] for event in stalled.wrote("job-completed")] == [after]
    assert shop.status(job_id) == status
    assert (status.status, status.runs, status.losses) == ("completed", 2, 1)
    shop.check_tidy()


def test_cancelled_while_it_runs(shop: Shop) -> None:
    hand = shop.hire(slots=1)
    (job_id,) = shop.submit("hang")
    wait_for(lambda: shop.status(job_id).status == "processing")
    wait_for(hand.children)
    shop.queue.cancel(job_id)
    (status,) = shop.ended(job_id)
    assert (status.status, status.kills) == ("cancelled", 0)
    (after,) = shop.submit("write after")
    assert shop.ended(after)[0].status == "completed"
    assert len(hand.wrote("job-cancelled")) == 1
    assert not Path(shop.target("hang")).exists()
    shop.check_tidy()


def test_progress_only_grows(shop: Shop) -> None:
    shop.hire(slots=1)
    (job_id,) = shop.submit(f"climb {shop.mark()}")

    def reached(percent: int) -> bool:
        return shop.status(job_id).progress == percent

    for step in range(1, 10):
        Path(f"{shop.mark()}.{step}").touch()
        if step < 9:
            assert shop.status(job_id).progress <= 10 * step
        if step in {2, 5, 8}:
            wait_for(functools.partial(reached, 10 * step))
    (status,) = shop.ended(job_id)
    assert (status.status, status.progress) == ("completed", 100)


def test_slow_jobs_are_not_claimed_ahead(shop: Shop) -> None:
    shop.hire(slots=1)
    first, second = shop.submit(f"wait {shop.mark()}", "write second")
    shop.begun(shop.mark())
    assert shop.status(second).status == "queued"
    shop.hire(slots=1)
    assert shop.ended(second)[0].status == "completed"
    shop.mark().touch()
    assert shop.ended(first)[0].status == "completed"


def test_jobs_behind_slow_ones_are_handed_back(shop: Shop) -> None:
    hand = shop.hire(slots=1)
    shop.ended(*shop.submit(*(f"write {number}" for number in range(100))))
    slow, behind = shop.submit(f"wait {shop.mark()}", "write behind")
    shop.begun(shop.mark())
    wait_for(lambda: shop.status(behind).status == "queued")
    other = shop.hire(slots=1)
    (status,) = shop.ended(behind)
    assert (status.status, status.retries, status.losses) == ("completed", 0, 0)
    assert [event["job_id"] for event in other.wrote("job-completed")] == [behind]
    shop.mark().touch()
    assert shop.ended(slow)[0].status == "completed"
    assert not hand.wrote("job-lost")
    shop.check_tidy()


def test_jobs_of_several_queues(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    from imgflow.queue import Queue

    other = open_shop(shop.url)
    other.queue = Queue(other.queue.client, "other", shop.queue.policy)
    shop.hire(queues=("default", "other"), slots=1)
    for one in (shop, other):
        statuses = one.ended(*one.submit(*(f"write {number}" for number in range(50))))
        assert {status.status for status in statuses} == {"completed"}
        one.check_tidy()


def test_fresh_processes_now_and_then(shop: Shop) -> None:
    hand = shop.hire(slots=1, recycle=3)
    for number in range(8):
        (status,) = shop.ended(*shop.submit(f"write {number}"))
        assert (status.status, status.kills) == ("completed", 0)
    pids = {Path(shop.target(f"write {number}")).read_text() for number in range(8)}
    assert len(pids) == 3
    assert not hand.wrote("job-failed")


def test_processes_that_cannot_start_end_the_worker(shop: Shop) -> None:
    (job_id,) = shop.submit("write something")
    hand = shop.hire(work="duties:missing")
    assert hand.leave() != 0
    status = shop.status(job_id)
    assert (status.status, status.kills, status.losses) == ("queued", 0, 0)
    (event,) = hand.wrote("worker-broken")
    assert event["code"] == "workers-broken"
    shop.check_tidy()


def test_redis_is_killed_under_load(
    start_server: StartServer, open_shop: Callable[..., Shop]
) -> None:
    server = start_server()
    shop = open_shop(server.url, Policy(lease=2.0, delays=(0.1, 0.1, 0.1), losses=20))
    hands = [shop.hire(slots=1), shop.hire(slots=1)]
    ids = shop.submit(*(f"write {number}" for number in range(3000)))
    for _ in range(3):
        wait_for(lambda: shop.queue.stats().counts["completed"] < 3000)
        server.restart()
    statuses = shop.ended(*ids)
    assert {status.status for status in statuses} == {"completed"}
    assert all(Path(shop.target(f"write {number}")).exists() for number in range(3000))
    shop.check_tidy()
    for hand in hands:
        assert hand.process.poll() is None
        assert len(hand.wrote("queue-down")) == len(hand.wrote("queue-back"))


def test_result_outlives_an_outage(
    start_server: StartServer, open_shop: Callable[..., Shop]
) -> None:
    server = start_server()
    shop = open_shop(server.url, Policy(lease=120.0))
    hand = shop.hire(slots=1)
    (job_id,) = shop.submit(f"wait {shop.mark()}")
    shop.begun(shop.mark())
    wait_for(lambda: server.client().get("x") is None)
    server.kill()
    shop.mark().touch()
    wait_for(Path(shop.target(f"wait {shop.mark()}")).exists)
    wait_for(lambda: hand.wrote("queue-down"))
    server.start()
    (status,) = shop.ended(job_id)
    assert (status.status, status.runs) == ("completed", 1)
    assert len(hand.wrote("queue-down")) == 1
    wait_for(lambda: hand.wrote("queue-back"))
    shop.check_tidy()


def test_lease_that_cannot_be_renewed_keeps_from_publishing(
    start_server: StartServer, open_shop: Callable[..., Shop]
) -> None:
    server = start_server()
    shop = open_shop(server.url)
    hand = shop.hire(slots=1)
    (job_id,) = shop.submit(f"wait {shop.mark()}")
    shop.begun(shop.mark())
    server.kill()
    wait_for(lambda: hand.wrote("queue-down"))
    down_at = time.monotonic()
    wait_for(lambda: time.monotonic() > down_at + shop.queue.policy.lease)
    shop.mark().touch()
    wait_for(lambda: Path(f"{shop.mark()}.refused").exists())
    assert not Path(shop.target(f"wait {shop.mark()}")).exists()
    server.start()
    (status,) = shop.ended(job_id)
    assert status.status == "completed"
    assert status.runs >= 2
    shop.check_tidy()
