"""What failed is tried again when something has changed, and told of when it lasts."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest

from imgflow.errors import StorageError
from imgflow.job import Failure, Job, Result
from imgflow.watch import trials, trouble
from imgflow.watch.trials import FEW, Trials
from imgflow.watch.trouble import Trouble

#: Moves the clock by some seconds.
Wait = Callable[[float], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    now = [100.0]

    def move(seconds: float) -> None:
        now[0] += seconds

    for module in (trials, trouble):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return move


class Work:
    """Fails for sources that hold ``bad``; notes in which batches jobs came."""

    def __init__(self, *, retryable: bool = False) -> None:
        self.batches: list[list[str]] = []
        self._retryable = retryable

    def __call__(self, jobs: Iterable[Job]) -> Generator[Result]:
        batch: list[str] = []
        self.batches.append(batch)
        for job in jobs:
            batch.append(Path(job.input).name)
            text = Path(job.input).read_text() if Path(job.input).exists() else "bad"
            if text.startswith("bad"):
                error = Failure(code="bad", message=text, retryable=self._retryable)
                yield Result(status="failed", input=job.input, error=error)
            else:
                yield Result(status="completed", input=job.input)


def jobs_for(folder: Path, *texts: str) -> list[Job]:
    for number, text in enumerate(texts):
        (folder / str(number)).write_text(text)
    return [Job(input=str(folder / str(at)), outputs=()) for at in range(len(texts))]


def statuses(tried: Trials, jobs: list[Job]) -> list[str]:
    return sorted(result.status for result in tried.work(jobs))


def test_what_failed_is_not_tried_again(tmp_path: Path) -> None:
    work = Work()
    tried = Trials(work)
    jobs = jobs_for(tmp_path, "bad", "good")
    assert statuses(tried, jobs) == ["completed", "failed"]
    assert statuses(tried, jobs) == ["completed", "failed"]
    assert work.batches == [["0"], ["1"], ["1"]]
    assert tried.is_failing(jobs[0].input)


def test_what_has_changed_is_tried_again(tmp_path: Path) -> None:
    work = Work()
    tried = Trials(work)
    jobs = jobs_for(tmp_path, "bad")
    statuses(tried, jobs)
    (tmp_path / "0").write_text("now good")
    assert statuses(tried, jobs) == ["completed"]
    assert not tried.is_failing(jobs[0].input)
    assert not tried.waiting


def test_another_job_is_tried(tmp_path: Path) -> None:
    work = Work()
    tried = Trials(work)
    jobs = jobs_for(tmp_path, "bad")
    statuses(tried, jobs)
    statuses(tried, [Job(input=jobs[0].input, outputs=(), orient=False)])
    tried.forget()
    statuses(tried, jobs)
    assert len(work.batches) == 3


def test_what_may_pass_is_tried_again(tmp_path: Path) -> None:
    work = Work(retryable=True)
    tried = Trials(work)
    jobs = jobs_for(tmp_path, "bad")
    statuses(tried, jobs)
    statuses(tried, jobs)
    assert len(work.batches) == 2


def test_a_failure_is_told_of_once_and_when_it_lasts(tmp_path: Path, wait: Wait) -> None:
    tried = Trials(Work())
    jobs = jobs_for(tmp_path, "bad")
    statuses(tried, jobs)
    assert list(tried.settle()) == []
    assert tried.waiting
    wait(1)
    assert [result.input for result in tried.settle()] == [jobs[0].input]
    assert not tried.waiting
    statuses(tried, jobs)
    wait(1)
    assert list(tried.settle()) == []


def test_a_file_that_grows_is_not_told_of(tmp_path: Path, wait: Wait) -> None:
    tried = Trials(Work())
    jobs = jobs_for(tmp_path, "bad")
    statuses(tried, jobs)
    (tmp_path / "0").write_text("bad, and longer")
    wait(1)
    assert list(tried.settle()) == []
    statuses(tried, jobs)
    assert list(tried.settle()) == []
    wait(1)
    assert len(list(tried.settle())) == 1


def test_known_failures_and_lost_sources_are_not_told_of(tmp_path: Path, wait: Wait) -> None:
    tried = Trials(Work())
    jobs = jobs_for(tmp_path, "bad", "bad")
    statuses(tried, jobs[:1])
    tried.mark_told()
    statuses(tried, jobs)
    tried.keep([jobs[0].input])
    wait(1)
    assert list(tried.settle()) == []
    assert not tried.waiting


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 3 * FEW])
def test_a_few_are_done_one_by_one_and_more_together(tmp_path: Path, count: int) -> None:
    work = Work()
    jobs = jobs_for(tmp_path, *["good"] * count)
    assert statuses(Trials(work), jobs) == ["completed"] * count
    names = [str(number) for number in range(count)]
    assert work.batches == ([[name] for name in names] if count <= FEW else [names])


def test_trouble_is_told_of_once_and_when_it_lasts(wait: Wait) -> None:
    told: list[str] = []
    now = Trouble()

    def meet(message: str, *, at_once: bool = False) -> None:
        now.meet(StorageError(message), lambda error: told.append(error.message), at_once=at_once)

    meet("one")
    assert told == []
    assert now.waiting
    wait(1)
    meet("one")
    meet("one")
    assert told == ["one"]
    assert not now.waiting
    meet("two")
    assert now.waiting
    assert not now.end()
    meet("three", at_once=True)
    assert told == ["one", "three"]
    assert now.end()
    assert not now.end()
