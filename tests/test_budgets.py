from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.budgets import Budgets, judge_budgets
from imgflow.job import Failure, Result, Written


def written(path: str, size: int, **fields: Any) -> Written:
    return Written(path=path, format="webp", width=8, height=6, bytes=size, **fields)


def result(name: str, *outputs: Written, size: int = 1000) -> Result:
    return Result(status="completed", input=name, input_bytes=size, outputs=outputs)


def told(budgets: Budgets, *results: Result) -> list[str]:
    return [breach.message for breach in judge_budgets(budgets, results)]


def test_nothing_is_asked_and_nothing_is_broken() -> None:
    assert told(Budgets(), result("a.jpg", written("a.webp", 10**9))) == []


def test_files_are_heavier_than_they_may_be_the_worst_first() -> None:
    results = (
        result("a.jpg", written("a.webp", 1001), written("a-2.webp", 1000)),
        result("b.jpg", written("b.webp", 3500)),
    )
    assert told(Budgets(max_bytes=1000), *results) == [
        "b.webp: expected at most 1,000 bytes, found 3,500",
        "a.webp: expected at most 1,000 bytes, found 1,001",
    ]


def test_all_files_of_a_source_and_all_of_the_run() -> None:
    results = (
        result("a.jpg", written("1", 600), written("2", 600)),
        result("b.jpg", written("3", 600), written("4", 100)),
    )
    budgets = Budgets(max_bytes=600, max_source_bytes=700, max_total_bytes=1000)
    breaches = judge_budgets(budgets, results)
    assert [one.message for one in breaches] == [
        "all files: expected at most 1,000 bytes, found 1,900 in all",
        "a.jpg: expected at most 700 bytes, found 1,200 in all its files",
    ]
    assert [(one.budget, one.limit, one.found) for one in breaches] == [
        ("max_total_bytes", 1000, 1900),
        ("max_source_bytes", 700, 1200),
    ]
    assert breaches[0].excess == pytest.approx(0.9)


def test_one_file_that_two_outputs_came_to_weighs_once() -> None:
    twice = result("a.jpg", written("a.webp", 600), written("a.webp", 600))
    assert told(Budgets(max_source_bytes=600, max_total_bytes=600), twice) == []


def test_scores_below_and_scores_that_nobody_measured() -> None:
    outputs = (
        written("low", 1, score=71.26),
        written("lower", 1, score=50.0),
        written("enough", 1, score=80.0),
        written("unknown", 1, quality=75),
        written("lossless", 1, quality="lossless"),
        written("copied", 1, status="copied"),
    )
    assert told(Budgets(min_score=80), result("a.jpg", *outputs)) == [
        "lower: expected a score of at least 80, found 50.0",
        "low: expected a score of at least 80, found 71.3",
        (
            "unknown: expected a score of at least 80, found none; "
            "ask for one with quality: {score: 80}"
        ),
    ]


def test_savings_are_judged_against_the_source() -> None:
    outputs = (written("half", 500), written("grown", 1200), written("same", 1000))
    assert told(Budgets(min_saving=50), result("a.jpg", *outputs)) == [
        "grown: expected 50 % fewer bytes than the source at least, found 20.0 % more",
        "same: expected 50 % fewer bytes than the source at least, found 0.0 % fewer",
    ]


def test_what_failed_breaks_no_budget() -> None:
    failure = Failure(code="x", message="x")
    failed = Result(status="failed", input="a.jpg", error=failure)
    assert told(Budgets(max_bytes=1, max_source_bytes=1, min_score=99, min_saving=9), failed) == []


@given(st.permutations(range(6)), st.lists(st.integers(1, 5000), min_size=6, max_size=6))
def test_the_order_of_results_does_not_matter(order: list[int], sizes: list[int]) -> None:
    results = [result(f"{at}.jpg", written(f"{at}", size)) for at, size in enumerate(sizes)]
    budgets = Budgets(max_bytes=2000, max_source_bytes=1500, max_total_bytes=9000, min_saving=10)
    expected = judge_budgets(budgets, results)
    assert judge_budgets(budgets, [results[at] for at in order]) == expected
    excesses = [breach.excess for breach in expected]
    assert excesses == sorted(excesses, reverse=True)
