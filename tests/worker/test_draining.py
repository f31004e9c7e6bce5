"""How a worker ends: in order, with nothing lost and nothing counted."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import wait_for

if TYPE_CHECKING:
    from shops import Shop

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("everybody", [False, True], ids=["worker", "process group"])
def test_running_jobs_are_finished(shop: Shop, *, everybody: bool) -> None:
    hand = shop.hire(slots=1)
    (running,) = shop.submit(f"wait {shop.mark()}")
    shop.begun(shop.mark())
    (waiting,) = shop.submit("write later")
    hand.signal(signal.SIGTERM, everybody=everybody)
    wait_for(lambda: hand.wrote("worker-stopping"))
    shop.mark().touch()
    assert hand.leave() == 0
    status = shop.status(running)
    assert (status.status, status.runs, status.kills) == ("completed", 1, 0)
    assert shop.status(waiting).status == "queued"
    assert shop.queue.stats().workers == ()
    shop.check_tidy()


@pytest.mark.parametrize("drain", [0.0, 60.0], ids=["time is over", "second signal"])
def test_unfinished_jobs_are_handed_back(shop: Shop, drain: float) -> None:
    hand = shop.hire(slots=2, drain=drain)
    ids = shop.submit("hang 1", "hang 2")
    wait_for(lambda: shop.queue.stats().processing == 2)
    hand.signal(signal.SIGTERM)
    if drain:
        wait_for(lambda: hand.wrote("worker-stopping"))
        hand.signal(signal.SIGTERM)
    assert hand.leave() == 0
    for job_id in ids:
        status = shop.status(job_id)
        assert (status.status, status.errors) == ("queued", ())
        assert (status.retries, status.kills, status.losses) == (0, 0, 0)
    assert len(hand.wrote("job-handed-back")) == 2
    shop.check_tidy()


def test_handed_back_job_is_done_by_another(shop: Shop) -> None:
    first = shop.hire(slots=1, drain=0.0)
    (job_id,) = shop.submit(f"wait {shop.mark()}")
    shop.begun(shop.mark())
    first.signal(signal.SIGTERM)
    assert first.leave() == 0
    shop.mark().touch()
    shop.hire(slots=1)
    (status,) = shop.ended(job_id)
    assert (status.status, status.runs, status.losses) == ("completed", 2, 0)
    assert Path(shop.target(f"wait {shop.mark()}")).exists()


def test_idle_worker_leaves(shop: Shop) -> None:
    hand = shop.hire()
    hand.signal(signal.SIGTERM)
    assert hand.leave() == 0
    assert [event["event"] for event in hand.events] == [
        "worker-started",
        "worker-stopping",
        "worker-stopped",
    ]
