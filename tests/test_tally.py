"""Progress of a job: monotone, complete, and only for what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.limits import DEFAULT_LIMITS
from imgflow.storage import LocalStorage
from imgflow.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

FLIP = {"op": "flip"}


def outputs(folder: Path, *steps: int) -> tuple[Output, ...]:
    return tuple(
        Output(path=f"{folder}/{index}.png", root=str(folder), steps=(FLIP,) * count)
        for index, count in enumerate(steps)
    )


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "cat.jpg"
    path.write_bytes(samples.encoded(samples.cat(), "JPEG"))
    return str(path)


def test_one_output(source: str, tmp_path: Path) -> None:
    job = Job(input=source, outputs=outputs(tmp_path, 1), steps=({"op": "resize", "width": 50},))
    told: list[int] = []
    assert execute(job, LocalStorage(), DEFAULT_LIMITS, told.append).status == "completed"
    assert told == [75, 100]


def test_several_outputs(source: str, tmp_path: Path) -> None:
    job = Job(input=source, outputs=outputs(tmp_path, 0, 1, 2), steps=(FLIP,))
    told: list[int] = []
    execute(job, LocalStorage(), DEFAULT_LIMITS, told.append)
    assert told == sorted(set(told))
    assert len(told) == 6
    assert told[-1] == 100


def test_nothing_is_written_before_it_is_reported(source: str, tmp_path: Path) -> None:
    job = Job(input=source, outputs=outputs(tmp_path, 0, 1))
    there: list[tuple[int, int]] = []

    def look(percent: int) -> None:
        there.append((percent, len(list(tmp_path.glob("*.png")))))

    execute(job, LocalStorage(), DEFAULT_LIMITS, look)
    assert there == [(20, 0), (60, 0), (80, 1), (100, 2)]


def test_outputs_that_are_there_already(source: str, tmp_path: Path) -> None:
    output = Output(path=f"{tmp_path}/{{hash}}.png", root=str(tmp_path), steps=(FLIP,))
    job = Job(input=source, outputs=(output,))
    execute(job, LocalStorage())
    told: list[int] = []
    result = execute(job, LocalStorage(), DEFAULT_LIMITS, told.append)
    assert [output.status for output in result.outputs] == ["kept"]
    assert told == [100]


def test_failure_does_not_get_to_the_end(source: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output = Output(path=f"{tmp_path}/file/below.png", root=str(tmp_path))
    told: list[int] = []
    result = execute(
        Job(input=source, outputs=(output,)), LocalStorage(), DEFAULT_LIMITS, told.append
    )
    assert result.status == "failed"
    assert told == [50]


@given(st.integers(0, 5), st.lists(st.integers(0, 5), max_size=8), st.data())
def test_any_order_of_outputs(shared: int, steps: list[int], data: Any) -> None:
    job = Job(
        input="a",
        outputs=tuple(Output(path="b", steps=(FLIP,) * count) for count in steps),
        steps=(FLIP,) * shared,
    )
    told: list[int] = []
    tally = Tally(job, told.append)
    for count in data.draw(st.permutations(steps)):
        tally.encoded(count)
    for _ in data.draw(st.lists(st.none(), max_size=len(steps))):
        tally.written()
    tally.finish()
    assert told == sorted(set(told))
    assert all(0 < percent <= 100 for percent in told)
    if shared or steps:
        assert told[-1] == 100
