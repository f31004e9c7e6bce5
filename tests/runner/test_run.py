"""Batches: every job comes back, whatever becomes of the process that works on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import samples
from PIL import Image

from imgflow.errors import ImgflowError
from imgflow.job import Job, Output
from imgflow.limits import DEFAULT_LIMITS, MEGA, Limits
from imgflow.runner import attempt, child, pool, run_jobs
from imgflow.runner.errand import Errand, Setup
from imgflow.runner.pace import Pace
from imgflow.storage import temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: An image that keeps a worker busy for many seconds: a large AVIF at the highest effort.
SLOW = {"format": "avif", "effort": 9}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("photos")
    for index in range(12):
        (folder / f"{index:02}.jpg").write_bytes(samples.encoded(samples.cat(), "JPEG"))
    return [str(path) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    image = Image.fromarray(samples.coffee()).resize((3000, 2000))
    path.write_bytes(samples.encoded(image, "JPEG", quality=95))
    return str(path)


def job(source: str, out: Path, encoder: dict[str, Any] | None = None, **more: Any) -> Job:
    output = Output(path=f"{out}/{{stem}}.{{ext}}", root=str(out), encoder=encoder)
    return Job(input=source, outputs=(output,), **more)


def small(source: str, out: Path) -> Job:
    return job(source, out, {"format": "jpeg"}, steps=({"op": "resize", "width": 60},))


def children() -> list[int]:
    """Return the worker processes of this one."""
    found = []
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == os.getpid() and status[0] != "Z" and b"spawn_main" in command:
            found.append(pid)
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def busiest_child() -> int | None:
    """Return a worker process that has been computing for half a second."""
    for pid in children():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 1.0:
            return pid
    return None


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*" + temporary.SUFFIX)]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_all_jobs_come_back(photos: list[str], tmp_path: Path, workers: int) -> None:
    results = list(run_jobs([small(path, tmp_path) for path in photos], workers=workers))
    assert sorted(result.input for result in results) == photos
    assert {result.status for result in results} == {"completed"}
    for path in photos:
        written = (tmp_path / os.path.basename(path)).read_bytes()
        assert samples.decoded(written).shape == (40, 60, 3)
    assert not children()


def test_no_jobs() -> None:
    assert list(run_jobs([], workers=2)) == []


def test_one_job_needs_no_other_process(
    photos: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pebble", None)
    (result,) = run_jobs([small(photos[0], tmp_path)], workers=2)
    assert result.status == "completed"


def test_a_batch_does_not_load_libvips_here(photos: list[str], tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from imgflow.job import Job, Output
from imgflow.runner import run_jobs
output = Output(path="{tmp_path}/{{stem}}.jpg", root="{tmp_path}", encoder={{"format": "jpeg"}})
results = list(run_jobs([Job(input=path, outputs=(output,)) for path in {photos[:2]}], workers=2))
assert [result.status for result in results] == ["completed"] * 2, results
assert "pyvips" not in sys.modules
"""
    script = tmp_path / "script.py"
    script.write_text(code)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_jobs_are_read_no_faster_than_they_are_done(photos: list[str], tmp_path: Path) -> None:
    taken = 0

    def endless() -> Iterator[Job]:
        nonlocal taken
        while True:
            taken += 1
            yield small(photos[taken % len(photos)], tmp_path)

    results = run_jobs(endless(), workers=2)
    for _ in range(4):
        next(results)
    assert taken <= 4 + 2 * 2 + 2 * 16
    results.close()
    assert not children()


def test_one_bad_image_does_not_stop_the_others(photos: list[str], tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff nonsense")
    jobs = [small(path, tmp_path / "out") for path in (str(tmp_path / "bad.jpg"), *photos[:3])]
    results = {result.input: result for result in run_jobs(jobs, workers=2)}
    error = results.pop(str(tmp_path / "bad.jpg")).error
    assert error is not None
    assert error.code == "source-corrupt"
    assert {result.status for result in results.values()} == {"completed"}


def test_fail_fast_ends_with_the_first_failure(photos: list[str], tmp_path: Path) -> None:
    jobs = [small(str(tmp_path / "gone.jpg"), tmp_path)]
    jobs += [small(path, tmp_path) for path in photos * 20]
    results = list(run_jobs(jobs, workers=1, fail_fast=True))
    assert results[-1].status == "failed"
    assert len(results) < len(jobs)
    assert not children()


def test_name_that_is_no_text(photos: list[str], tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    for jobs in ([name], [name, *photos[:2]]):
        results = list(run_jobs([small(path, tmp_path) for path in jobs], workers=2))
        (failed,) = [result for result in results if result.status == "failed"]
        assert failed.input == r"caf\xe9.jpg"
        assert failed.error is not None
        assert failed.error.code == "source-bad-name"
        assert len(results) == len(jobs)


def test_bug_costs_one_image_and_says_where_it_is(
    photos: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("imgflow.execute.execute", stumble)
    (result,) = run_jobs([small(photos[0], tmp_path)], workers=1)
    assert result.error is not None
    assert result.error.code == "internal-error"
    assert "ZeroDivisionError: oops (test_run.py:" in result.error.message


@pytest.mark.slow
def test_worker_that_is_killed_costs_one_image(
    photos: list[str], large: str, tmp_path: Path
) -> None:
    def kill() -> None:
        os.kill(wait_for(busiest_child), signal.SIGSEGV)

    jobs = [job(large, tmp_path, SLOW), *(small(path, tmp_path) for path in photos)]
    killer = threading.Thread(target=kill)
    killer.start()
    results = {result.input: result for result in run_jobs(jobs, workers=2)}
    killer.join()
    failed = results.pop(large)
    assert failed.error is not None
    assert failed.error.code == "worker-crashed"
    assert failed.error.message == f"{large}: the worker process died of signal SIGSEGV"
    assert {result.status for result in results.values()} == {"completed"}
    assert len(results) == len(photos)
    assert leftovers(tmp_path) == []


@pytest.mark.slow
def test_idle_workers_that_are_killed_cost_nothing(photos: list[str], tmp_path: Path) -> None:
    def paused() -> Iterator[Job]:
        yield from (small(path, tmp_path) for path in photos[:4])
        for pid in wait_for(lambda: len(children()) == 2 and children()):
            os.kill(pid, signal.SIGKILL)
        yield from (small(path, tmp_path) for path in photos[4:])

    results = list(run_jobs(paused(), workers=2))
    assert sorted(result.input for result in results) == photos
    crashed = [result for result in results if result.status == "failed"]
    assert len(crashed) <= 2


@pytest.mark.parametrize("together", [True, False], ids=["in a batch", "alone"])
def test_time_limit(photos: list[str], large: str, tmp_path: Path, *, together: bool) -> None:
    limits = Limits(seconds=3.0)
    jobs = [job(large, tmp_path, SLOW)]
    jobs += [small(path, tmp_path) for path in photos[:3] if together]
    results = {result.input: result for result in run_jobs(jobs, workers=2, limits=limits)}
    error = results.pop(large).error
    assert error is not None
    assert error.code == "worker-timeout"
    assert "expected to be done in 3 s" in error.message
    assert {result.status for result in results.values()} <= {"completed"}
    assert not list(tmp_path.glob("*.avif"))
    assert not children()


@pytest.mark.parametrize("together", [True, False], ids=["in a batch", "alone"])
def test_memory_limit(photos: list[str], tmp_path: Path, *, together: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((6000, 4000), Image.Resampling.NEAREST)
    (tmp_path / "large.png").write_bytes(samples.encoded(image, compress_level=1))
    limits = Limits(memory_bytes=90 * MEGA)
    hungry = job(
        str(tmp_path / "large.png"),
        tmp_path / "out",
        {"format": "png"},
        steps=({"op": "rotate", "angle": 31},),
    )
    jobs = [hungry, *(small(path, tmp_path / "out") for path in photos[:3] if together)]
    results = {result.input: result for result in run_jobs(jobs, workers=2, limits=limits)}
    error = results.pop(hungry.input).error
    assert error is not None
    assert error.code == "worker-memory"
    assert "at most 90 MB" in error.message
    assert {result.status for result in results.values()} <= {"completed"}
    assert not children()


def test_closing_stops_everything_at_once(large: str, tmp_path: Path) -> None:
    jobs = [job(large, tmp_path / str(index), SLOW) for index in range(4)]
    results = run_jobs(jobs, workers=2)
    threading.Timer(2.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        next(results)
    results.close()
    assert not children()
    assert list(tmp_path.rglob("*.avif")) == []
    assert leftovers(tmp_path) == []


def test_lost_batch_is_tried_again_one_by_one(photos: list[str], tmp_path: Path) -> None:
    jobs = tuple(Errand(small(path, tmp_path)) for path in photos[:3])
    with pool.WorkerPool(1, Setup(limits=DEFAULT_LIMITS)) as workers:
        workers.submit((Errand(small(photos[3], tmp_path)),))
        while len(workers):
            workers.next_results()
        workers.submit(jobs)
        os.kill(children()[0], signal.SIGSTOP)
        os.kill(children()[0], signal.SIGKILL)
        results = []
        while len(workers):
            results += workers.next_results()
    assert len(results) == 3


def test_workers_that_cannot_start(
    photos: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "start", os._exit)
    with pytest.raises(ImgflowError, match="die as soon as they start") as caught:
        list(run_jobs([small(path, tmp_path) for path in photos], workers=2))
    assert caught.value.code == "workers-broken"


def test_quick_jobs_go_together_and_slow_ones_alone() -> None:
    pace = Pace()
    assert pace.batch_size == 1
    for _ in range(100):
        pace.learn(0.002)
    assert 8 <= pace.batch_size <= 10
    pace.learn(3.0)
    assert pace.batch_size == 1


def test_lost_names_the_input() -> None:
    failed = attempt.lost(Job(input="a.jpg", outputs=()), "code", "message")
    assert (failed.status, failed.input) == ("failed", "a.jpg")
