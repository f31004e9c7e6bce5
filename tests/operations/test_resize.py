from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import opened, pixels_of
from samples import coffee, encoded

from imgflow.errors import OperationError, RecipeError
from imgflow.frames import Picture
from imgflow.geometry import Size
from imgflow.operations.resize import Resize

sides = st.integers(1, 5000)
sizes = st.builds(Size, sides, sides)


def resize(**fields: Any) -> Resize:
    return Resize.parse({"op": "resize", **fields})


def rounded(value: float) -> int:
    return max(1, int(value + 0.5 + 1e-9))


def codes(picture: Picture) -> list[str]:
    return [note.code for note in picture.notes]


@given(sizes, sides)
def test_one_side_is_met_and_the_other_in_proportion(size: Size, side: int) -> None:
    width, height = size
    assert resize(width=side).outline(size) == (side, rounded(height * side / width))
    assert resize(height=side).outline(size) == (rounded(width * side / height), side)
    assert resize(width=side, preserve_aspect=True).outline(size).width == side


@given(size=sizes, asked=sizes, enlarge=st.sampled_from([None, True]))
def test_both_sides_are_met(size: Size, asked: Size, *, enlarge: bool | None) -> None:
    options = {} if enlarge is None else {"enlarge": enlarge}
    for fit in ({}, {"fit": "fill"}):
        assert resize(width=asked[0], height=asked[1], **fit, **options).outline(size) == asked


@given(sizes, st.floats(1, 400))
def test_percent_scales_both_sides(size: Size, percent: float) -> None:
    outline = resize(percent=percent).outline(size)
    assert outline == tuple(rounded(side * percent / 100) for side in size)


@given(size=sizes, asked=sizes, enlarge=st.booleans())
def test_inside_and_outside_keep_proportions(size: Size, asked: Size, *, enlarge: bool) -> None:
    scales = [asked.width / size.width, asked.height / size.height]
    for fit, scale in (("inside", min(scales)), ("outside", max(scales))):
        step = resize(width=asked.width, height=asked.height, fit=fit, enlarge=enlarge)
        if scale > 1 and not enlarge:
            assert step.outline(size) == size
        else:
            assert step.outline(size) == tuple(rounded(side * scale) for side in size)
    aspect = resize(width=asked.width, height=asked.height, preserve_aspect=True)
    assert aspect.outline(size) == resize(**_bounds(asked), fit="inside").outline(size)


@given(sizes, sizes)
def test_cover_and_contain_meet_the_size(size: Size, asked: Size) -> None:
    assert resize(**_bounds(asked), fit="contain").outline(size) == asked
    assert resize(**_bounds(asked), fit="cover", enlarge=True).outline(size) == asked
    small = resize(**_bounds(asked), fit="cover").outline(size)
    if asked.within(size) == asked:
        assert small == asked
    else:
        assert small.within(size) == small
        assert small.within(asked) == small
        assert size.width == small.width or size.height == small.height


@given(sizes, st.sampled_from(["inside", "outside", "cover", "fill", None]), sizes)
def test_enlarge_false_stops_every_mode(size: Size, fit: str | None, asked: Size) -> None:
    mode = {"fit": fit} if fit else {}
    steps = [
        resize(**_bounds(asked), **mode, enlarge=False),
        resize(width=asked.width, enlarge=False),
        resize(height=asked.height, enlarge=False),
        resize(percent=250, enlarge=False),
    ]
    for step in steps:
        assert step.outline(size).within(size) == step.outline(size)


small_sides = st.integers(1, 40)
requests = st.one_of(
    st.fixed_dictionaries({"width": small_sides}),
    st.fixed_dictionaries({"height": small_sides}),
    st.fixed_dictionaries({"percent": st.floats(10, 300)}),
    st.fixed_dictionaries(
        {"width": small_sides, "height": small_sides},
        optional={
            "fit": st.sampled_from(["inside", "outside", "cover", "contain", "fill"]),
            "enlarge": st.booleans(),
            "linear": st.booleans(),
        },
    ),
)


@settings(max_examples=60, deadline=None)
@given(requests, st.sampled_from([(1, 1), (1, 60), (60, 1), (24, 17), (33, 40)]), st.integers(1, 4))
def test_pixels_have_the_size_that_was_foretold(
    fields: dict[str, Any], shape: tuple[int, int], reduction: int
) -> None:
    step, size = resize(**fields), Size(*shape)
    pixels = np.full((shape[1], shape[0], 3), 99, np.uint8)
    picture = opened(encoded(pixels))
    if step.shrink(size) >= reduction:
        smaller = Size(-(-size.width // reduction), -(-size.height // reduction))
        picture = opened(encoded(pixels[: smaller.height, : smaller.width]))
        picture = picture.replace(width=size.width, height=size.height)
    result = step.apply(picture)
    assert result.size == step.outline(size)
    assert result.pixel_size == result.size
    if step.fit != "contain":
        assert (pixels_of(result) == 99).all()


def test_cover_on_a_small_picture_is_the_largest_of_that_aspect_and_says_so() -> None:
    picture = opened(encoded(coffee()))
    result = resize(width=1600, height=1600, fit="cover").apply(picture)
    assert result.size == (400, 400)
    assert [(note.kind, note.code) for note in result.notes] == [("warning", "smaller-than-asked")]
    assert result.notes[0].details == {"asked": [1600, 1600], "size": [400, 400]}
    grown = resize(width=800, height=800, fit="cover", enlarge=True).apply(picture)
    assert (grown.size, grown.notes) == ((800, 800), ())


def test_a_distortion_is_told_with_its_size() -> None:
    result = resize(width=300, height=300).apply(opened(encoded(coffee())))
    (note,) = result.notes
    assert (note.kind, note.code, note.details) == ("warning", "distorted", {"distortion": 0.5})
    assert "by 50.0%" in note.message


@pytest.mark.parametrize(
    "fields",
    [
        {"width": 300, "height": 300, "fit": "fill"},
        {"width": 300, "height": 203},
        {"width": 3, "height": 2},
        {"width": 2, "height": 1},
        {"width": 300, "height": 300, "preserve_aspect": True},
    ],
)
def test_what_is_meant_or_cannot_be_seen_is_not_worth_a_warning(fields: dict[str, Any]) -> None:
    assert codes(resize(**fields).apply(opened(encoded(coffee())))) == []


def test_just_above_two_percent_warns() -> None:
    picture = opened(encoded(np.zeros((100, 100, 3), np.uint8)))
    assert codes(resize(width=50, height=49).apply(picture)) == ["distorted"]
    assert codes(resize(width=100, height=99).apply(picture)) == []


def test_a_smaller_exact_size_is_told() -> None:
    result = resize(width=800, height=400, enlarge=False).apply(opened(encoded(coffee())))
    assert result.size == (600, 400)
    assert codes(result) == ["smaller-than-asked"]


@pytest.mark.parametrize(
    ("fields", "factor"),
    [
        ({"width": 100}, 400 / 67),
        ({"percent": 25}, 4.0),
        ({"height": 399}, 600 / 599),
        ({"width": 100, "linear": True}, 1.0),
        ({"width": 100, "height": 100, "fit": "cover"}, 4.0),
        ({"width": 100, "height": 100, "fit": "contain"}, 400 / 67),
        ({"width": 100, "height": 200}, 2.0),
        ({"width": 900}, 1.0),
        ({"width": 900, "height": 100}, 1.0),
        ({"width": 10, "height": 10, "fit": "cover", "gravity": "faces"}, 1.0),
    ],
)
def test_shrink_is_what_is_left_to_do(fields: dict[str, Any], factor: float) -> None:
    assert resize(**fields).shrink(Size(600, 400)) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("fields", "even"),
    [
        ({"width": 300}, True),
        ({"percent": 50}, True),
        ({"width": 300, "height": 300, "fit": "inside"}, True),
        ({"width": 300, "height": 300, "preserve_aspect": True}, True),
        ({"width": 900}, False),
        ({"width": 300, "linear": True}, False),
        ({"width": 300, "height": 300}, False),
        ({"width": 300, "height": 300, "fit": "cover"}, False),
        ({"width": 300, "height": 300, "fit": "contain"}, False),
    ],
)
def test_only_a_plain_reduction_is_uniform(fields: dict[str, Any], *, even: bool) -> None:
    assert resize(**fields).uniform(Size(600, 400)) is even


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "expected 'width', 'height' or 'percent'"),
        ({"percent": 50, "width": 3}, "'percent' cannot stand beside 'width'"),
        ({"width": 3, "fit": "cover"}, "'fit' needs 'height'"),
        ({"width": 3, "height": 3, "fit": "cover", "preserve_aspect": True}, "cannot stand beside"),
        ({"width": 3, "gravity": "north"}, "'gravity' goes only with 'fit' 'cover' or 'contain'"),
        (
            {"width": 3, "height": 3, "fit": "contain", "gravity": "faces"},
            "'gravity' 'faces' goes only with 'fit' 'cover'",
        ),
        ({"width": 3, "height": 3, "background": "red"}, "'background' goes only with 'fit'"),
        ({"width": 0}, "expected|Expected"),
        ({"width": 65536}, "expected|Expected"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        resize(**fields)


@pytest.mark.parametrize(
    "fields",
    [{"width": 65535}, {"percent": 10000}, {"width": 60000, "height": 60000, "fit": "contain"}],
)
def test_a_monstrous_result_is_refused_at_once(fields: dict[str, Any]) -> None:
    with pytest.raises(OperationError, match="at most 65535 px a side") as caught:
        resize(**fields).apply(opened(encoded(coffee())))
    assert caught.value.code == "result-too-large"


def _bounds(size: Size) -> dict[str, Any]:
    return {"width": size.width, "height": size.height}


@pytest.mark.parametrize("gravity", ["attention", "entropy", "faces", "north"])
def test_cover_of_the_same_aspect_has_nothing_to_choose(gravity: str) -> None:
    square = opened(encoded(np.zeros((90, 90, 3), np.uint8)))
    result = resize(width=30, height=30, fit="cover", gravity=gravity).apply(square)
    assert result.size == (30, 30)
    assert result.notes == ()
