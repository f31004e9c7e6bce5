"""The Gaussian window, as taps and as recursions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgflow.quality import recursion, strips
from imgflow.quality.gaussian import RADIUS, taps

TAPS = np.array([*taps()[:0:-1], *taps()])


def blurred(plane: Any) -> Any:
    """Blur by convolution in double precision, with black around."""
    for axis in (0, 1):
        plane = np.apply_along_axis(np.convolve, axis, plane, TAPS)[
            (slice(4, -4), slice(None)) if axis == 0 else (slice(None), slice(4, -4))
        ]
    return plane


def in_strips(plane: Any) -> Any:
    """Blur in strips, and put them together."""
    height, width = plane.shape
    cut = (plane[a:b] for a, b in strips.slices(height, strips.strip_rows(width)))
    out = np.full_like(plane, np.nan)
    for strip in strips.blurred_strips(cut, width, lambda rows, _: (rows, rows * 2)):
        assert np.array_equal(strip.rows, plane[strip.start : strip.stop])
        out[strip.start : strip.stop] = strip.blurred[0]
        assert strip.blurred[1] == pytest.approx(2 * strip.blurred[0], abs=1e-6)
    return out


def test_the_window_is_nearly_a_gaussian_of_sigma_one_and_a_half() -> None:
    at = np.arange(-4, 5)
    assert TAPS.sum() == pytest.approx(1)
    assert (TAPS * at**2).sum() == pytest.approx(1.5**2, rel=1e-9)
    gaussian = np.exp(-(at**2) / (2 * 1.5**2))
    assert pytest.approx(gaussian / gaussian.sum(), abs=0.003) == TAPS
    assert RADIUS == 5


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    seed=st.integers(0, 99),
    size=st.integers(1, 900),
)
@settings(max_examples=60, deadline=None)
def test_strips_of_any_size_make_the_same(height: int, width: int, seed: int, size: int) -> None:
    plane = np.random.default_rng(seed).random((height, width), np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strips, "_STRIP", size)
        found = in_strips(plane)
    assert found == pytest.approx(blurred(plane), abs=1e-6)


@given(
    count=st.integers(1, 6),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_recursions_are_the_window_but_for_rounding(
    count: int, height: int, width: int, seed: int
) -> None:
    planes = np.random.default_rng(seed).random((count, height, width), np.float32)
    expected = [blurred(plane) for plane in planes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recursion, "_LANES", 6 + seed)
        recursion.blur(planes)
    assert planes == pytest.approx(np.array(expected), abs=2e-5)


def test_recursions_round_as_fused_single_precision_does() -> None:
    """The first outputs of a column of ones, worked out with exact fractions."""
    from fractions import Fraction

    from imgflow.quality.gaussian import poles

    def single(value: Fraction) -> Fraction:
        return Fraction(float(np.float32(float(value))))

    column = np.ones((1, 30, 1), np.float32)
    found = recursion._down_columns(column)[0, :, 0]  # noqa: SLF001 - bits, not behaviour
    parts = []
    for gain, turn in poles():
        a, b = single(Fraction(gain)), single(Fraction(turn))
        last = older = Fraction(0)
        outputs = []
        for at in range(1 - RADIUS, 30):
            ends = (at - RADIUS - 1 >= 0) + (at + RADIUS - 1 < 30)
            value = single(a * ends - single(b * last + older))
            last, older = value, last
            outputs.append(value)
        parts.append(outputs[RADIUS - 1 :])
    expected = [
        np.float32(float(one)) + (np.float32(float(two)) + np.float32(float(three)))
        for one, two, three in zip(*parts, strict=True)
    ]
    assert found.tolist() == [float(value) for value in expected]
