"""Fan-out: one decode, the smallest copy that will do, and the same pictures as without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from imgflow.fanout import fan_out
from imgflow.frames import Picture
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.operations import Operation, apply_steps, outline_steps, parse_steps
from imgflow.source import Source

PORTRAIT = samples.encoded(samples.portrait(), "PNG")


def opened(data: bytes = PORTRAIT) -> Picture:
    return open_picture(Source("portrait", data=data), DEFAULT_LIMITS)


def chain(*steps: dict[str, Any]) -> tuple[Operation, ...]:
    return parse_steps(steps)


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(picture.image.numpy())


CHAINS = [
    chain({"op": "resize", "width": 300}),
    chain({"op": "resize", "width": 100}),
    chain({"op": "resize", "percent": 10}),
    chain({"op": "resize", "width": 150, "height": 60, "fit": "cover"}),
    chain({"op": "crop", "x": 10, "y": 11, "width": 200, "height": 100}),
    chain(),
]


def test_every_chain_looks_as_it_does_by_itself() -> None:
    made = dict(fan_out(opened(), CHAINS))
    assert set(made) == set(CHAINS)
    for steps, picture in made.items():
        alone = pixels(apply_steps(opened().random_access(), steps))
        assert samples.likeness(pixels(picture), alone) > 0.99


def test_reductions_alone_never_hold_the_whole_picture() -> None:
    made = list(fan_out(opened(), CHAINS[:2]))
    assert [picture.size for _, picture in made] == [(300, 300), (100, 100)]
    assert all(not picture.streaming for _, picture in made)


def test_a_single_chain_streams() -> None:
    ((_, picture),) = fan_out(opened(), [CHAINS[0], CHAINS[0]])
    assert picture.streaming


@pytest.mark.parametrize("fit", ["inside", "outside", "cover", "contain", "fill"])
def test_sizes_do_not_depend_on_siblings(fit: str) -> None:
    steps = chain({"op": "resize", "width": 97, "height": 31, "fit": fit})
    alone = outline_steps(opened().size, steps)
    made = dict(fan_out(opened(), [CHAINS[0], steps]))
    assert made[steps].size == alone
    assert made[steps].pixel_size == alone


@given(
    st.lists(st.integers(1, 900), min_size=2, max_size=4, unique=True),
    st.integers(1, 60),
    st.integers(1, 60),
)
def test_sizes_obey_the_documented_rounding(widths: list[int], width: int, height: int) -> None:
    data = samples.encoded(np.zeros((height, width, 3), np.uint8), "PNG")
    chains = [chain({"op": "resize", "width": wanted, "enlarge": False}) for wanted in widths]
    base = opened(data)
    for steps, picture in fan_out(base, chains):
        assert picture.pixel_size == picture.size == outline_steps(base.size, steps)
