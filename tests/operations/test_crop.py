from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import ANIMATED, MAKERS, kind_picture, opened, pixels_of
from samples import coffee, encoded, with_alpha

from imgflow.errors import OperationError, RecipeError
from imgflow.geometry import COMPASS, Size
from imgflow.operations.crop import Crop
from imgflow.operations.operation import ANY_SHRINK

WHOLE = Size(600, 400)


def crop(**fields: Any) -> Crop:
    return Crop.parse({"op": "crop", **fields})


def cropped(**fields: Any) -> Any:
    return pixels_of(crop(**fields).apply(opened(encoded(coffee()))))


def test_a_region_in_pixels() -> None:
    assert (cropped(x=100, y=50, width=200, height=300) == coffee()[50:350, 100:300]).all()


def test_a_region_in_percent() -> None:
    part = cropped(x="25%", y="10%", width="50%", height="33.3%")
    assert (part == coffee()[40:173, 150:450]).all()


def test_regions_that_meet_in_percent_meet_in_pixels() -> None:
    size = Size(101, 7)
    left = crop(x="0%", y="0%", width="33.3%", height="100%").outline(size)
    right = crop(x="33.3%", y="0%", width="66.7%", height="100%").outline(size)
    assert left.width + right.width == 101


@pytest.mark.parametrize(("gravity", "shares"), COMPASS.items())
def test_a_size_and_an_aspect_by_compass(gravity: str, shares: tuple[float, float]) -> None:
    left, top = int(400 * shares[0]), int(300 * shares[1])
    part = cropped(width=200, height=100, gravity=gravity)
    assert (part == coffee()[top : top + 100, left : left + 200]).all()
    left = int(200 * shares[0])
    assert (cropped(aspect="1:1", gravity=gravity) == coffee()[:, left : left + 400]).all()


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        ("16:9", (600, 338)),
        (1.5, (600, 400)),
        ("1", (400, 400)),
        ("1:2", (200, 400)),
        (3, (600, 200)),
    ],
)
def test_an_aspect_is_as_large_as_it_fits(aspect: Any, size: tuple[int, int]) -> None:
    step = crop(aspect=aspect)
    assert step.outline(WHOLE) == size
    assert step.apply(opened(encoded(coffee()))).size == size


@pytest.mark.parametrize(
    ("focus", "left"), [([0, 0], 0), ([0.5, 0.5], 100), ([0.6, 0.1], 160), ([1, 1], 200)]
)
def test_a_focal_point_is_as_near_to_the_middle_as_can_be(focus: list[float], left: int) -> None:
    assert (cropped(aspect=1, focus=focus) == coffee()[:, left : left + 400]).all()


def test_clamp_keeps_what_there_is_and_says_so() -> None:
    result = crop(x=500, y=-50, width=300, height=200).apply(opened(encoded(coffee())))
    assert (pixels_of(result) == coffee()[:150, 500:]).all()
    (note,) = result.notes
    assert (note.kind, note.code) == ("warning", "smaller-than-asked")
    assert note.details == {"asked": [300, 200], "size": [100, 150]}
    assert crop(width=1000, height=100).outline(WHOLE) == (600, 100)


def test_pad_fills_up_to_the_region() -> None:
    part = cropped(x=500, y=-50, width=300, height=200, when_small="pad", background="#00ff00")
    assert part.shape == (200, 300, 3)
    assert (part[50:, :100] == coffee()[:150, 500:]).all()
    assert (part[:50] == (0, 255, 0)).all()
    assert (part[:, 100:] == (0, 255, 0)).all()


def test_pad_by_gravity_puts_the_picture_there() -> None:
    part = cropped(width=800, height=100, gravity="southeast", when_small="pad")
    assert (part[:, 200:] == coffee()[300:]).all()
    assert (part[:, :200] == 255).all()
    part = cropped(width=800, height=100, gravity="attention", when_small="pad")
    assert (part[:, :100] == 255).all()
    assert (part[:, 700:] == 255).all()


def test_pad_is_transparent_where_the_picture_is() -> None:
    picture = opened(encoded(with_alpha(coffee())))
    part = pixels_of(crop(width=700, height=500, when_small="pad").apply(picture))
    assert part[0, 0, 3] == 0


def test_error_refuses_with_both_sizes() -> None:
    step = crop(width=700, height=100, when_small="error")
    with pytest.raises(OperationError, match=r"holds 700x100.* found one of 600x400") as caught:
        step.apply(opened(encoded(coffee())))
    assert caught.value.code == "crop-too-small"
    assert crop(width=600, height=400, when_small="error").outline(WHOLE) == WHOLE


@pytest.mark.parametrize("mode", ["clamp", "pad", "error"])
@pytest.mark.parametrize("position", [(600, 0), (0, 400), (-10, 0), (0, -10), ("100%", 0)])
def test_a_region_wholly_outside_is_an_error(mode: str, position: tuple[Any, int]) -> None:
    step = crop(x=position[0], y=position[1], width=10, height=10, when_small=mode)
    with pytest.raises(OperationError, match="lies wholly outside") as caught:
        step.apply(opened(encoded(coffee())))
    assert caught.value.code == "crop-outside"


percents = st.integers(1, 999).map(lambda tenths: f"{tenths / 10}%")
positions = st.one_of(st.integers(-50, 50), percents)
lengths = st.one_of(st.integers(1, 80), percents)
ways = st.one_of(
    st.fixed_dictionaries({"x": positions, "y": positions, "width": lengths, "height": lengths}),
    st.fixed_dictionaries(
        {"width": lengths, "height": lengths}, optional={"gravity": st.sampled_from([*COMPASS])}
    ),
    st.fixed_dictionaries(
        {"aspect": st.floats(0.02, 50)},
        optional={"focus": st.tuples(st.floats(0, 1), st.floats(0, 1))},
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    ways,
    st.sampled_from([(1, 1), (1, 60), (60, 1), (24, 17), (33, 40)]),
    st.sampled_from(["clamp", "pad", "error"]),
    st.integers(1, 5),
)
def test_pixels_have_the_size_that_was_foretold_and_lie_inside(
    fields: dict[str, Any], shape: tuple[int, int], mode: str, reduction: int
) -> None:
    step, size = crop(**fields, when_small=mode), Size(*shape)
    try:
        outline = step.outline(size)
    except OperationError:
        with pytest.raises(OperationError):
            step.apply(opened(encoded(np.zeros((shape[1], shape[0], 3), np.uint8))))
        return
    reduction = reduction if step.shrink(size) >= reduction else 1
    pixels = np.full((-(-size.height // reduction), -(-size.width // reduction), 3), 9, np.uint8)
    picture = opened(encoded(pixels)).replace(width=size.width, height=size.height)
    result = step.apply(picture)
    assert result.size == outline
    if reduction == 1:
        assert result.pixel_size == outline
    if mode == "clamp":
        assert outline.within(size) == outline
        assert (pixels_of(result) == 9).all()


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    "fields", [{"aspect": "1:1", "gravity": "east"}, {"x": 3, "y": "10%", "width": 31, "height": 9}]
)
def test_every_kind_of_picture(kind: str, fields: dict[str, Any]) -> None:
    whole = kind_picture(kind).random_access()
    try:
        size = crop(**fields).outline(whole.size)
    except OperationError:
        assert kind.startswith("1x")
        return
    result = crop(**fields).apply(kind_picture(kind))
    assert result.size == size
    x = whole.width - size.width if "aspect" in fields else 3
    y = (whole.height - size.height) // 2 if "aspect" in fields else int(whole.height / 10 + 0.5)
    for index in range(whole.frames):
        expected = whole.frame(index).numpy()[y : y + size.height, x : x + size.width]
        assert (result.frame(index).numpy() == expected).all()


@pytest.mark.parametrize("kind", ANIMATED)
@pytest.mark.parametrize("gravity", ["attention", "entropy", "faces"])
def test_the_first_frame_decides_for_all(kind: str, gravity: str) -> None:
    whole = kind_picture(kind).random_access()
    result = crop(aspect="1:2", gravity=gravity).apply(kind_picture(kind))
    left, top, wide, high = result.notes[-1].details["box"]
    for index in range(whole.frames):
        expected = whole.frame(index).numpy()[top : top + high, left : left + wide]
        assert (result.frame(index).numpy() == expected).all()
    assert (result.delays, result.loop) == (whole.delays, whole.loop)


@pytest.mark.parametrize(
    ("fields", "factor"),
    [
        ({"x": 80, "y": 16, "width": 160, "height": 240}, 8),
        ({"x": 80, "y": 16, "width": 164, "height": 240}, 4),
        ({"x": 80, "y": 16, "width": 164, "height": 242}, 2),
        ({"x": 81, "y": 16, "width": 164, "height": 242}, 1),
        ({"x": "10%", "y": 16, "width": "50%", "height": 8}, 8),
        ({"x": "10%", "y": "10%", "width": "50%", "height": "5%"}, ANY_SHRINK),
        ({"aspect": "16:9"}, ANY_SHRINK),
        ({"width": 101, "height": 33}, ANY_SHRINK),
        ({"width": 101, "height": 33, "focus": [0.1, 0.2]}, ANY_SHRINK),
        ({"width": 1000, "height": 33, "when_small": "pad"}, 1),
        ({"aspect": "16:9", "gravity": "faces"}, 1),
    ],
)
def test_shrink_is_what_a_region_can_bear(fields: dict[str, Any], factor: float) -> None:
    assert crop(**fields).shrink(WHOLE) == factor


def test_a_search_for_faces_is_left_enough_pixels() -> None:
    assert crop(aspect=1, gravity="faces").shrink(Size(6400, 400)) == 10


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "expected 'aspect' or 'width'"),
        ({"aspect": 1, "width": 5, "height": 5}, "'aspect' cannot stand beside"),
        ({"width": 5}, "'width' needs 'height'"),
        ({"height": 5}, "expected 'aspect' or 'width'|needs 'width'"),
        ({"x": 5, "width": 5, "height": 5}, "'x' needs 'y'"),
        ({"y": 5, "width": 5, "height": 5}, "'y' needs 'x'"),
        ({"x": 0, "y": 0, "width": 5, "height": 5, "gravity": "east"}, "'x' cannot stand beside"),
        ({"aspect": 1, "gravity": "east", "focus": [0, 0]}, "'focus' cannot stand beside"),
        ({"aspect": 1, "focus": [0.5]}, "length >= 2"),
        ({"aspect": 1, "focus": [0.5, 1.1]}, "<= 1"),
        ({"aspect": "16:0"}, "matching regex"),
        ({"aspect": "wide"}, "matching regex"),
        ({"aspect": 0}, ">= 1e-05"),
        ({"width": "0%", "height": 3}, "matching regex"),
        ({"width": "101%", "height": 3}, "matching regex"),
        ({"width": 5, "height": 5, "background": "red"}, "goes only with 'when_small' 'pad'"),
        ({"aspect": 1, "gravity": "up"}, "Invalid enum value"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        crop(**fields)


def test_a_monstrous_canvas_is_refused_at_once() -> None:
    step = crop(width=65535, height=65535, when_small="pad")
    with pytest.raises(OperationError, match="400 megapixels") as caught:
        step.apply(opened(encoded(coffee())))
    assert caught.value.code == "result-too-large"
