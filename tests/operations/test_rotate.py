from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import coffee_file, opened, pixels_of, translucent
from PIL import Image
from samples import coffee, encoded, likeness
from skimage.transform import warp

from imgflow.errors import OperationError, RecipeError
from imgflow.geometry import Size
from imgflow.operations.operation import ANY_SHRINK
from imgflow.operations.rotate import Rotate


@pytest.mark.parametrize("angle", [0, 90, 180, 270, 360, -90, 450, -180])
def test_quarter_turns_are_lossless(angle: int) -> None:
    turned = Rotate(angle=angle).apply(opened(coffee_file()))
    assert np.array_equal(pixels_of(turned), np.rot90(coffee(), -(angle // 90)))


def turned_by_a_spline(angle: float, width: int, height: int) -> Any:
    """Return the photograph turned about its middle by a cubic spline, white around it."""
    y, x = np.mgrid[:height, :width]
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    source = np.array([cosine * y - sine * x + 399 / 2, sine * y + cosine * x + 599 / 2])
    bands = [warp(coffee()[..., band] / 255, source, order=3, cval=1) for band in range(3)]
    return np.rint(np.dstack(bands) * 255).astype(np.uint8)


@pytest.mark.parametrize("angle", [2.5, -7, 30, 45, 135, 211.3])
def test_other_angles_match_a_spline(angle: float) -> None:
    turned = Rotate(angle=angle).apply(opened(coffee_file()))
    reference = turned_by_a_spline(angle, *turned.size)
    assert likeness(pixels_of(turned), reference) > 0.97


@pytest.mark.parametrize("angle", [-7, 30, 135])
def test_direction_and_size_are_those_of_pillow(angle: float) -> None:
    turned = Rotate(angle=angle).apply(opened(coffee_file()))
    reference = Image.fromarray(coffee()).rotate(
        -angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white"
    )
    width, height = turned.size
    assert abs(width - reference.width) <= 1
    assert abs(height - reference.height) <= 1
    difference = pixels_of(turned).astype(float) - reference.resize((width, height))
    assert np.abs(difference).mean() < 6


def test_turning_forth_and_back_gives_the_picture_again() -> None:
    picture = Rotate(angle=-20).apply(Rotate(angle=20).apply(opened(coffee_file())))
    found = pixels_of(picture)
    top, left = (found.shape[0] - 400) // 2, (found.shape[1] - 600) // 2
    assert likeness(found[top : top + 400, left : left + 600], coffee()) > 0.9


def test_background_is_white_without_transparency() -> None:
    corner = pixels_of(Rotate(angle=30).apply(opened(coffee_file())))[0, 0]
    assert corner.tolist() == [255, 255, 255]


def test_background_is_transparent_with_transparency() -> None:
    corner = pixels_of(Rotate(angle=30).apply(opened(encoded(translucent()))))[0, 0]
    assert corner[3] == 0


def test_background_may_be_half_transparent() -> None:
    step = Rotate(angle=30, background="#ff000080")
    found = pixels_of(step.apply(opened(coffee_file())))
    assert found[0, 0].tolist() == [255, 0, 0, 128]
    middle = found[found.shape[0] // 2, found.shape[1] // 2]
    assert middle[3] == 255


def test_edges_are_antialiased() -> None:
    black = np.zeros((80, 80, 3), np.uint8)
    found = pixels_of(Rotate(angle=10).apply(opened(encoded(black))))
    shades = np.unique(found)
    assert len(shades) > 20
    # the black area is what it was, but for what the curve of the interpolation adds
    assert np.isclose((255 - found[..., 0].astype(float)).sum() / 255, 6400, rtol=0.01)


@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    angle=st.floats(-720, 720, allow_nan=False),
)
def test_outline_is_the_bounding_box(width: int, height: int, angle: float) -> None:
    outlined = Rotate(angle=angle).outline(Size(width, height))
    corner = complex(width, height) / 2, complex(width, -height) / 2
    turned = [
        point * complex(math.cos(math.radians(angle)), math.sin(math.radians(angle)))
        for point in corner
    ]
    wide = 2 * max(abs(point.real) for point in turned)
    high = 2 * max(abs(point.imag) for point in turned)
    assert -1e-5 <= outlined.width - wide < 1
    assert -1e-5 <= outlined.height - high < 1


@settings(max_examples=20, deadline=None)
@given(width=st.integers(1, 40), height=st.integers(1, 40), angle=st.floats(-360, 360))
def test_result_has_the_outlined_size(width: int, height: int, angle: float) -> None:
    step = Rotate(angle=angle)
    turned = step.apply(opened(encoded(np.zeros((height, width, 3), np.uint8))))
    assert pixels_of(turned).shape[1::-1] == step.outline(Size(width, height))


def test_only_quarter_turns_pass_a_reduction_on() -> None:
    assert Rotate(angle=270).shrink(Size(100, 50)) == ANY_SHRINK
    assert Rotate(angle=1).shrink(Size(100, 50)) == 1


def test_a_huge_result_is_refused() -> None:
    long = opened(encoded(np.zeros((1, 60_000), np.uint8)))
    with pytest.raises(OperationError, match="at most 65535 px a side and 400 megapixels") as error:
        Rotate(angle=45).apply(long)
    assert error.value.code == "result-too-large"


def test_angle_is_needed() -> None:
    with pytest.raises(RecipeError, match="angle"):
        Rotate.parse({"op": "rotate"})
