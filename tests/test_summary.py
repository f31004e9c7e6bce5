"""The sum of results."""

from __future__ import annotations

import pytest

from imgflow.cli.figures import scores_text
from imgflow.job import Failure, Result, Written
from imgflow.notes import Note
from imgflow.summary import MOST_EXAMPLES, Summary


def written(status: str = "written", size: int = 10, **more: object) -> Written:
    return Written(path="a", format="png", width=1, height=1, bytes=size, status=status, **more)  # type: ignore[arg-type]


def test_counts_files_and_bytes() -> None:
    summary = Summary()
    outputs = (written(), written("copied", 20), written("kept", 30))
    summary.add(Result(status="completed", input="a", input_bytes=100, outputs=outputs))
    summary.add(Result(status="completed", input="b", input_bytes=50, outputs=(written(),)))
    assert (summary.images, summary.written, summary.copied, summary.kept) == (2, 3, 1, 1)
    assert (summary.bytes_in, summary.bytes_out, summary.saved) == (150, 70, 80)
    assert (summary.files, summary.single) == (4, False)
    assert summary.shrinkage == pytest.approx(1 - (70 / 4) / (150 / 2))


def test_one_file_for_each_source() -> None:
    summary = Summary()
    assert summary.single
    assert summary.shrinkage == 0
    for size in (100, 50):
        summary.add(
            Result(status="completed", input="a", input_bytes=size, outputs=(written(size=30),))
        )
    failure = Failure(code="source-empty", message="a: empty")
    summary.add(Result(status="failed", input="a", input_bytes=100, error=failure))
    assert summary.single
    assert summary.shrinkage == pytest.approx(0.6)


def test_failures_count_as_images_but_not_as_bytes() -> None:
    summary = Summary()
    failure = Failure(code="source-empty", message="a: empty")
    summary.add(Result(status="failed", input="a", input_bytes=100, error=failure))
    assert (summary.images, summary.completed, summary.bytes_in) == (1, 0, 0)
    assert [result.input for result in summary.failures] == ["a"]


def test_warnings_are_counted_once_an_image_with_a_few_examples() -> None:
    summary = Summary()
    grew, choice = Note("warning", "grew", "it grew"), Note("choice", "faces", "two")
    for index in range(MOST_EXAMPLES + 2):
        outputs = (written(notes=(grew,)), written(notes=(grew, choice)))
        summary.add(Result(status="completed", input=f"{index}", outputs=outputs, notes=(choice,)))
    assert list(summary.warnings) == ["grew"]
    assert summary.warnings["grew"].count == MOST_EXAMPLES + 2
    assert summary.warnings["grew"].examples == {"it grew": ["0", "1", "2"]}


def test_scores_are_told_apart_from_what_was_not_judged() -> None:
    summary = Summary()
    assert summary.scores.mean == 100
    judged = (written(score=80.5, encodes=2), written(score=82.5, encodes=1), written())
    summary.add(Result(status="completed", input="a", input_bytes=100, outputs=judged))
    scores = summary.scores
    assert (scores.count, scores.lowest, scores.mean, scores.encodes) == (2, 80.5, 81.5, 3)
    assert scores_text(scores) == "from 80.5, mean 81.5; 1.5 encodes a file"
