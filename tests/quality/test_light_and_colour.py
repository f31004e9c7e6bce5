"""Linear light, and the channels in which pictures are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import samples

from imgflow.quality.light import read_pixels
from imgflow.quality.opsin import brightness, linear, linear_table, opsin
from imgflow.quality.weights import scale_count, score_of, weights

MIX = np.array(
    [
        [0.30, 0.622, 0.078],
        [0.23, 0.692, 0.078],
        [0.24342268924547819, 0.20476744424496821, 0.5518098665095536],
    ]
)
BIAS = 0.0037930732552754493


def standard(codes: Any) -> Any:
    """The curve of IEC 61966-2-1."""
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def channels(light: Any) -> Any:
    """X, Y and B, offset as in the metric, in double precision."""
    long, middle, short = np.cbrt(np.tensordot(MIX, light, 1) + BIAS) - np.cbrt(BIAS)
    x, y = (long - middle) / 2, (long + middle) / 2
    return np.array([x * 14 + 0.42, y + 0.01, short - y + 0.55])


@pytest.mark.parametrize("codes", [256, 65_536])
def test_linear_light_is_that_of_srgb(codes: int) -> None:
    assert linear_table(codes) == pytest.approx(standard(np.arange(codes) / (codes - 1)), abs=4e-7)
    assert linear(np.array([0, 1], np.float32)).tolist() == pytest.approx([0, 1], abs=2e-7)


def test_channels_are_those_of_xyb() -> None:
    light = np.random.default_rng(3).random((3, 40, 50)).astype(np.float32) ** 2
    light[:, 0, :2] = [[0, 1]] * 3
    expected = channels(light.astype(float))
    found = opsin(light, (0, 1, 2))
    for channel in range(3):
        assert found[channel] == pytest.approx(
            expected[channel], abs=1.2e-5 if channel == 0 else 2e-6
        )
    quick = np.empty((40, 50), np.float32)
    brightness(light, quick)
    assert quick == pytest.approx(expected[1], abs=1e-6)


def test_only_channels_that_are_asked_for() -> None:
    assert opsin(np.zeros((3, 2, 2), np.float32), (1,)).keys() == {1}


def test_alpha_is_mixed_as_srgb(as_image: Callable[[Any], Any]) -> None:
    veiled = samples.with_alpha(samples.cat())
    light = read_pixels(as_image(veiled)).before(0.9)
    colours, opacity = veiled[..., :3] / 255, veiled[..., 3:] / 255
    expected = standard(colours * opacity + 0.9 * (1 - opacity)).transpose(2, 0, 1)
    assert np.abs(light.rows(0, light.height) - expected).max() < 1e-6
    deep = read_pixels(as_image(veiled.astype(np.uint16) * 257)).before(0.9)
    assert np.abs(deep.rows(0, deep.height) - expected).max() < 3e-5


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ((8, 8), 2),
        ((7, 99), 0),
        ((9, 500), 2),
        ((16, 15), 3),
        ((16, 16), 3),
        ((15, 15), 3),
        ((113, 113), 6),
        ((2000, 112), 5),
    ],
)
def test_scales_by_size(size: tuple[int, int], count: int) -> None:
    assert scale_count(*size) == count


def test_weights_shift_where_scales_are_few() -> None:
    six, two = weights(6), weights(2)
    assert [list(level) for level in six] == [[1], [0, 1], [0, 1], [0, 1, 2], [0, 1, 2], []]
    assert two[1][1] == six[3][0]


def test_no_error_is_a_hundred() -> None:
    assert score_of(0) == 100
    assert score_of(1e-9) < 100
