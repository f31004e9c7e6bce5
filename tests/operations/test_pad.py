from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kinds import coffee_file, kind_picture, opened, pixels_of, translucent
from PIL import Image, ImageOps
from samples import coffee, encoded

from imgflow.errors import OperationError, RecipeError
from imgflow.geometry import Size
from imgflow.operations.pad import Pad


def test_sides_are_what_they_are_said_to_be() -> None:
    step = Pad(top=1, right=2, bottom=3, left=4, background="#336699")
    padded = pixels_of(step.apply(opened(coffee_file())))
    reference = ImageOps.expand(Image.fromarray(coffee()), (4, 1, 2, 3), "#336699")
    assert np.array_equal(padded, np.asarray(reference))


def test_all_counts_where_no_side_is_named() -> None:
    assert Pad(all=10, left=0).outline(Size(100, 50)) == (110, 70)


def test_aspect_grows_the_canvas_around_the_picture() -> None:
    padded = pixels_of(Pad(aspect="1:1").apply(opened(coffee_file())))
    reference = ImageOps.pad(Image.fromarray(coffee()), (600, 600), color="white")
    assert np.array_equal(padded, np.asarray(reference))


@pytest.mark.parametrize(("gravity", "row"), [("north", 0), ("centre", 100), ("south", 200)])
def test_gravity_says_where_the_picture_lies(gravity: str, row: int) -> None:
    step = Pad.parse({"op": "pad", "aspect": 1.0, "gravity": gravity, "background": "black"})
    padded = pixels_of(step.apply(opened(coffee_file())))
    assert np.array_equal(padded[row : row + 400], coffee())


def test_border_is_transparent_if_the_picture_is() -> None:
    padded = pixels_of(Pad(all=5).apply(opened(encoded(translucent()))))
    assert padded[0, 0, 3] == 0
    assert np.array_equal(padded[5:-5, 5:-5], np.asarray(translucent()))


def test_border_is_white_in_16_bits() -> None:
    padded = pixels_of(Pad(all=5).apply(kind_picture("png-16")))
    assert padded.dtype == np.uint16
    assert padded[0, 0].tolist() == [65535] * 3


def test_gray_picture_takes_a_coloured_border() -> None:
    padded = pixels_of(Pad(all=5, background="red").apply(kind_picture("png-gray")))
    assert padded[0, 0].tolist() == [255, 0, 0]


def test_half_transparent_border_gives_transparency() -> None:
    padded = pixels_of(Pad(all=5, background="#00ff0080").apply(opened(coffee_file())))
    assert padded[0, 0].tolist() == [0, 255, 0, 128]
    assert np.all(padded[5:-5, 5:-5, 3] == 255)


@given(
    width=st.integers(1, 9000),
    height=st.integers(1, 9000),
    ratio=st.floats(0.05, 20),
)
def test_canvas_of_an_aspect_holds_the_picture(width: int, height: int, ratio: float) -> None:
    outer = Pad(aspect=ratio).outline(Size(width, height))
    assert outer.width >= width
    assert outer.height >= height
    assert outer.width == width or outer.height == height
    assert abs(outer.width - outer.height * ratio) <= 0.5 * max(1, ratio) + 1e-3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "expected 'all', 'top', 'right', 'bottom', 'left' or 'aspect', found none of them"),
        ({"all": 1, "aspect": "1:1"}, "'aspect' cannot stand beside 'all'"),
        ({"all": 1, "gravity": "north"}, "'gravity' needs 'aspect'"),
        ({"all": -1}, r"Expected `int` >= 0"),
        ({"aspect": "wide"}, "aspect"),
        ({"aspect": "0:1"}, "aspect"),
        ({"aspect": "16:0.0"}, "aspect"),
        ({"aspect": "00"}, "aspect"),
        ({"aspect": 1e308}, "aspect"),
        ({"aspect": "9" * 400}, "aspect"),
        ({"all": 1, "background": "reddish"}, "background"),
    ],
)
def test_refuses_what_makes_no_sense(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Pad.parse({"op": "pad", **fields})


def test_a_huge_canvas_is_refused() -> None:
    with pytest.raises(OperationError, match="65535 px a side"):
        Pad(left=65535).apply(opened(coffee_file()))


def test_a_ratio_of_nothing_is_refused() -> None:
    with pytest.raises(OperationError, match="expected an aspect"):
        Pad(aspect="0:1").outline(Size(10, 10))
