"""The pool as queue workers use it: results by errand, cancelled jobs, leases, fresh processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import samples

from imgflow.job import Job, Output, Result
from imgflow.limits import DEFAULT_LIMITS
from imgflow.runner.board import Berth, Board, read_clock
from imgflow.runner.errand import Errand, Setup
from imgflow.runner.pool import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def touch(job: Job, *_: object) -> Result:
    """Tell which process this is."""
    return Result(status="completed", input=job.input, seconds=float(os.getpid()))


def linger(job: Job, *_: object) -> Result:
    """Make a file, then wait as long as it is there."""
    with open(job.input, "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    while os.path.exists(job.input):
        time.sleep(0.01)
    return Result(status="completed", input=job.input)


def stumble(*_: object) -> Result:
    """Be a bug."""
    raise ZeroDivisionError


def setup(function: Callable[..., Result], **more: Any) -> Setup:
    return Setup(limits=DEFAULT_LIMITS, work=f"{__name__}:{function.__name__}", **more)


def errands(*names: str) -> list[Errand]:
    return [Errand(Job(input=name, outputs=())) for name in names]


def drain(pool: WorkerPool) -> list[tuple[Errand, Result]]:
    done: list[tuple[Errand, Result]] = []
    while len(pool):
        done += pool.next_results()
    return done


def written(path: Path) -> str:
    deadline = time.monotonic() + 30
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return path.read_text()


def test_results_come_with_their_errands() -> None:
    sent = errands(*(f"{number}.jpg" for number in range(20)))
    with WorkerPool(2, setup(touch)) as pool:
        for start in range(0, 20, 4):
            pool.submit(tuple(sent[start : start + 4]))
        done = drain(pool)
    assert {id(errand) for errand, _ in done} == {id(errand) for errand in sent}
    assert all(errand.job.input == result.input for errand, result in done)


def test_cancelled_job_leaves_room_for_the_next(tmp_path: Path) -> None:
    slow, quick = errands(str(tmp_path / "slow"), str(tmp_path / "quick"))
    with WorkerPool(1, setup(linger)) as pool:
        pool.submit((slow,))
        first = written(tmp_path / "slow")
        assert pool.cancel(slow)
        assert not pool.cancel(slow)
        assert len(pool) == 0
        pool.submit((quick,))
        assert written(tmp_path / "quick") != first
        (tmp_path / "quick").unlink()
        ((errand, result),) = drain(pool)
    assert (errand, result.status) == (quick, "completed")


def test_job_among_others_is_not_cancelled() -> None:
    one, other = errands("one", "other")
    with WorkerPool(1, setup(touch)) as pool:
        pool.submit((one, other))
        assert not pool.cancel(one)
        assert len(drain(pool)) == 2


def test_job_without_lease_is_not_begun() -> None:
    board = Board(2)
    good, bad = Berth(0, 1), Berth(1, 2)
    board.assign(good, read_clock() + 60)
    board.assign(bad, read_clock() + 60)
    board.revoke(bad)
    sent = tuple(Errand(Job(input="a", outputs=()), berth) for berth in (good, bad))
    with WorkerPool(1, setup(touch), board=board) as pool:
        pool.submit(sent)
        (_, fine), (_, refused) = drain(pool)
    assert fine.status == "completed"
    assert board.progress(good) == 0
    assert refused.error is not None
    assert refused.error.code == "lease-lost"
    assert board.progress(bad) is None


def test_image_work_under_a_lease(tmp_path: Path) -> None:
    source = tmp_path / "cat.jpg"
    source.write_bytes(samples.encoded(samples.cat(), "JPEG"))
    output = Output(path=str(tmp_path / "out.webp"), root=str(tmp_path))
    job = Job(input=str(source), outputs=(output,))
    board = Board(1)
    board.assign(Berth(0, 1), read_clock() + 60)
    with WorkerPool(1, Setup(limits=DEFAULT_LIMITS), board=board) as pool:
        pool.submit((Errand(job, Berth(0, 1)),))
        ((_, result),) = drain(pool)
    assert result.status == "completed"
    assert board.progress(Berth(0, 1)) == 100
    assert (tmp_path / "out.webp").exists()


def test_fresh_process_after_some_batches() -> None:
    with WorkerPool(1, setup(touch), recycle=2) as pool:
        pids = []
        for errand in errands("a", "b", "c", "d"):
            pool.submit((errand,))
            pids += [result.seconds for _, result in drain(pool)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_sigterm_of_somebody_else_does_not_stop_work(tmp_path: Path) -> None:
    (slow,) = errands(str(tmp_path / "slow"))
    with WorkerPool(1, setup(linger)) as pool:
        pool.submit((slow,))
        pid = written(tmp_path / "slow")
        os.posix_spawnp("kill", ["kill", "-TERM", pid], os.environ)
        time.sleep(0.3)
        os.kill(int(pid), 0)
        (tmp_path / "slow").unlink()
        ((_, result),) = drain(pool)
    assert result.status == "completed"


def test_sigterm_of_the_parent_stops_it(tmp_path: Path) -> None:
    (slow,) = errands(str(tmp_path / "slow"))
    with WorkerPool(1, setup(linger)) as pool:
        pool.submit((slow,))
        os.kill(int(written(tmp_path / "slow")), signal.SIGTERM)
        ((_, result),) = drain(pool)
    assert result.error is not None
    assert result.error.code == "worker-crashed"


def test_closed_pool_takes_nothing_and_gives_what_it_has() -> None:
    first, second = errands("first", "second")
    pool = WorkerPool(1, setup(touch))
    pool.warm_up()
    pool.submit((first,))
    done = drain(pool)
    pool.close()
    assert not pool.is_done
    assert pool.next_results() == []
    assert pool.is_done
    pool.submit((second,))
    assert len(pool) == 0
    assert [errand for errand, _ in done] == [first]


@pytest.mark.slow
def test_lock_that_a_killed_process_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgflow.runner.pool._GRACE", 2.0)
    first, second = errands("first", "second")
    with WorkerPool(2, setup(touch)) as pool:
        pool.submit((first,))
        drain(pool)
        manager: Any = pool._pool._pool_manager  # noqa: SLF001
        assert manager.worker_manager.workers_channel.mutex.acquire()
        pool.submit((second,))
        ((errand, result),) = drain(pool)
    assert (errand, result.status) == (second, "completed")


def test_bug_in_the_work_costs_one_job() -> None:
    with WorkerPool(1, setup(stumble)) as pool:
        pool.submit(tuple(errands("a.jpg")))
        ((_, result),) = drain(pool)
    assert result.error is not None
    assert result.error.code == "internal-error"


def test_only_allowed_places(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "cat.jpg").write_bytes(samples.encoded(samples.cat(), "JPEG"))
    overlay = {"op": "overlay", "image": str(outside / "cat.jpg")}

    def job(source: Path, target: Path, *steps: dict[str, Any]) -> Errand:
        output = Output(path=str(target / "small.png"), root=str(target))
        return Errand(Job(input=str(source / "cat.jpg"), outputs=(output,), steps=steps))

    sent = (
        job(inside, inside),
        job(outside, inside),
        job(inside, outside),
        job(inside, inside, overlay),
    )
    allowed = Setup(limits=DEFAULT_LIMITS, allow=(str(inside),))
    with WorkerPool(1, allowed) as pool:
        pool.submit(sent)
        results = [result for _, result in drain(pool)]
    assert results[0].status == "completed"
    for result in results[1:]:
        assert result.error is not None
        assert result.error.code == "not-allowed"
    assert not (outside / "small.png").exists()


def test_a_pool_that_is_closed_at_once_says_nothing() -> None:
    program = (
        "import os\n"
        "from imgflow.limits import DEFAULT_LIMITS\n"
        "from imgflow.runner.errand import Setup\n"
        "from imgflow.runner.pool import WorkerPool\n"
        "pool = WorkerPool(2, Setup(limits=DEFAULT_LIMITS))\n"
        "pool.warm_up()\n"
        "pool.close()\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
