"""What a check came to, in numbers and words."""

from __future__ import annotations

from findings import checked, finding


def test_all_is_well() -> None:
    found = checked()
    assert found.words == "2 sources: 2 fresh"
    assert found.advice == []


def test_counts() -> None:
    found = checked(
        finding("failed"),
        finding("budget"),
        finding("budget", source=""),
        finding("stale", source="photos/dog.jpg"),
        finding("manifest"),
        finding("orphan"),
        finding("orphan", code="orphan-edited"),
    )
    assert found.counts == {
        "sources": 3,
        "fresh": 1,
        "stale": 1,
        "failed": 1,
        "over_budget": 2,
        "manifest": 1,
        "orphans": 2,
    }
    assert found.words == (
        "3 sources: 1 fresh, 1 stale, 1 failed; 2 over budget; the manifest is not up to date; "
        "2 orphans"
    )


def test_advice_is_only_what_helps() -> None:
    assert checked(finding("failed"), finding("budget")).advice == []
    assert checked(finding("orphan", code="orphan-edited")).advice == []
    assert checked(finding("manifest"), finding("orphan")).advice == [
        "bring up to date: imgflow run recipe.yaml",
        "remove orphans:   imgflow clean recipe.yaml",
    ]
