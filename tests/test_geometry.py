from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.errors import OperationError
from imgflow.geometry import (
    COMPASS,
    Box,
    Size,
    centre_on,
    largest_with_aspect,
    parse_aspect,
    place,
    round_half_up,
    round_length,
    to_pixels,
)

lengths = st.integers(1, 10_000)
sizes = st.builds(Size, lengths, lengths)


@pytest.mark.parametrize(
    ("length", "pixels"),
    [(0.2, 1), (1.49, 1), (1.5, 2), (2.5, 3), (799.4999999999, 800), (799.49, 799)],
)
def test_lengths_are_rounded_half_up_and_never_below_one(length: float, pixels: int) -> None:
    assert round_length(length) == pixels


def test_negative_positions_are_rounded_half_up_too() -> None:
    assert [round_half_up(x) for x in (-1.5, -0.5, 0.5)] == [-1, 0, 1]


@given(sizes, sizes, st.sampled_from(sorted(COMPASS)))
def test_place_keeps_the_smaller_within_the_larger(one: Size, two: Size, gravity: str) -> None:
    inner, outer = one.within(two), two
    x, y = place(inner, outer, gravity)
    assert 0 <= x <= outer.width - inner.width
    assert 0 <= y <= outer.height - inner.height


def test_place_puts_an_odd_pixel_right_and_below() -> None:
    assert place(Size(10, 10), Size(15, 13), "centre") == (2, 1)
    assert place(Size(10, 10), Size(15, 13), "southeast") == (5, 3)


def test_place_is_negative_for_what_is_larger() -> None:
    assert place(Size(20, 20), Size(10, 15), "southeast") == (-10, -5)
    assert place(Size(15, 13), Size(10, 10), "centre") == (-2, -1)


@given(sizes, sizes, st.floats(-2, 3), st.floats(-2, 3))
def test_centre_on_stays_inside(one: Size, outer: Size, x: float, y: float) -> None:
    inner = one.within(outer)
    box = centre_on(inner, outer, x * outer.width, y * outer.height)
    assert box.inside(outer) == box
    assert box.size == inner


def test_centre_on_puts_the_middle_there() -> None:
    assert centre_on(Size(10, 20), Size(100, 100), 50, 50) == (45, 40, 10, 20)


def test_the_part_inside_of_a_picture() -> None:
    assert Box(-5, 10, 20, 100).inside(Size(50, 60)) == (0, 10, 15, 50)
    assert Box(50, 0, 5, 5).inside(Size(50, 60)) is None
    assert Box(0, -5, 5, 5).inside(Size(50, 60)) is None


@given(st.builds(Size, st.integers(40, 9999), st.integers(40, 9999)), st.data())
def test_multiples_of_a_decoders_factor_stay_exact(size: Size, data: st.DataObject) -> None:
    factor = data.draw(st.sampled_from([2, 4, 8]))
    rounded = data.draw(st.sampled_from([math.floor, math.ceil]))
    pixels = Size(rounded(size.width / factor), rounded(size.height / factor))
    if round_half_up(size.width / pixels.width) != factor:
        return
    x, y = (data.draw(st.integers(0, side - 2)) for side in pixels)
    box = Box(x * factor, y * factor, factor, factor)
    assert to_pixels(box, size, pixels) == ((x, y, 1, 1), 0, 0)


@given(sizes, sizes, st.data())
def test_a_box_in_pixels_stays_inside_and_is_never_empty(
    size: Size, other: Size, data: st.DataObject
) -> None:
    pixels = other.within(size)
    left, top = (data.draw(st.integers(0, side - 1)) for side in size)
    wide = data.draw(st.integers(1, size.width - left))
    high = data.draw(st.integers(1, size.height - top))
    place = to_pixels(Box(left, top, wide, high), size, pixels)
    assert place.box.inside(pixels) == place.box
    assert max(abs(place.x), abs(place.y)) <= 0.5


def test_what_rounding_moves_is_told() -> None:
    place = to_pixels(Box(10, 13, 20, 20), Size(100, 100), Size(50, 50))
    assert place == ((5, 7, 10, 10), 0, -0.5)


@pytest.mark.parametrize(
    ("aspect", "ratio"), [("16:9", 16 / 9), ("1.5", 1.5), (2, 2.0), ("2.39:1", 2.39)]
)
def test_aspects(aspect: str | float, ratio: float) -> None:
    assert parse_aspect(aspect) == pytest.approx(ratio)


@pytest.mark.parametrize("aspect", ["", "0:9", "16:0", "a:b", "1:2:3", "-1", 0, math.inf])
def test_no_aspects(aspect: str | float) -> None:
    with pytest.raises(OperationError, match="expected an aspect like") as caught:
        parse_aspect(aspect)
    assert caught.value.code == "bad-aspect"


@given(sizes, st.floats(0.01, 100))
def test_the_largest_of_an_aspect_fits_and_touches(outer: Size, ratio: float) -> None:
    size = largest_with_aspect(outer, ratio)
    assert size.within(outer) == size
    assert size.width == outer.width or size.height == outer.height
    short = min(size.width - outer.height * ratio, size.height - outer.width / ratio, key=abs)
    assert abs(short) <= 0.5 + 1e-6 or 1 in size
