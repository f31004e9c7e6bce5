"""The scores of the published C++ program, reproduced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import quality_pairs
from quality_pairs import PUBLISHED

PAIRS = {name: (one, two) for name, one, two in quality_pairs.pairs()}


def test_every_pair_is_published() -> None:
    assert PAIRS.keys() == PUBLISHED.keys()


@pytest.mark.parametrize("name", PUBLISHED)
def test_score(score: Callable[[Any, Any], float], name: str) -> None:
    # The inverted picture scores -3454: there, a part in a hundred thousand is more.
    assert score(*PAIRS[name]) == pytest.approx(PUBLISHED[name], abs=0.05, rel=2e-5)
