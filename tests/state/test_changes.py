"""Differences between terms in words."""

from __future__ import annotations

from typing import Any

import pytest

from imgflow.state.changes import changes


def terms(*qualities: int) -> dict[str, Any]:
    outputs = [
        {"path": f"{at}.webp", "steps": [], "encoder": {"format": "webp", "quality": quality}}
        for at, quality in enumerate(qualities)
    ]
    return {"orient": True, "steps": [], "outputs": outputs, "files": {}, "versions": {}}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ((80, 80, 80), (70, 70, 70), ["quality: 80 -> 70"]),
        ((80, 80, 80), (70, 80, 70), ["outputs[0,2].quality: 80 -> 70"]),
        (
            (80, 60, 80),
            (70, 50, 80),
            ["outputs[0].quality: 80 -> 70", "outputs[1].quality: 60 -> 50"],
        ),
        ((80,), (70,), ["quality: 80 -> 70"]),
        ((80, 80), (80, 80), ["recipe changed"]),
    ],
)
def test_what_changed_alike_is_said_once(
    before: tuple[int, ...], after: tuple[int, ...], found: list[str]
) -> None:
    assert list(changes(terms(*before), terms(*after))) == found
