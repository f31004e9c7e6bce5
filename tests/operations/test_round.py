from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import coffee_file, opened, pixels_of, translucent
from PIL import Image, ImageDraw
from samples import coffee, encoded

from imgflow.errors import RecipeError
from imgflow.operations.round import Round

#: Pillow draws without antialiasing, so its shapes are drawn this much larger.
OVERSAMPLING = 8


def drawn(width: int, height: int, radius: float) -> Any:
    """Return the opacity of a rounded rectangle, drawn large by Pillow and averaged."""
    grown = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    box = (0, 0, grown.width - 1, grown.height - 1)
    ImageDraw.Draw(grown).rounded_rectangle(box, radius * OVERSAMPLING, fill=255)
    return np.asarray(grown.reduce(OVERSAMPLING)).astype(int)


def alpha_after(step: Round, width: int, height: int) -> Any:
    picture = opened(encoded(np.zeros((height, width, 3), np.uint8)))
    return pixels_of(step.apply(picture))[..., 3].astype(int)


@pytest.mark.parametrize("radius", [1, 5, 12.5, 24])
def test_corners_are_arcs(radius: float) -> None:
    found = alpha_after(Round(radius=radius), 60, 50)
    difference = np.abs(found - drawn(60, 50, radius))
    assert difference.max() <= 32
    assert difference.mean() < 0.6


def test_colours_do_not_change() -> None:
    rounded = pixels_of(Round(radius=50).apply(opened(coffee_file())))
    assert np.array_equal(rounded[..., :3], coffee())
    assert rounded[0, 0, 3] == 0
    assert rounded[200, 300, 3] == 255


def test_radius_in_percent_is_of_the_shorter_side() -> None:
    assert np.array_equal(
        alpha_after(Round(radius="20%"), 80, 50), alpha_after(Round(radius=10), 80, 50)
    )


def test_radius_is_at_most_half_of_the_shorter_side() -> None:
    assert np.array_equal(
        alpha_after(Round(radius=400), 80, 50), alpha_after(Round(radius="50%"), 80, 50)
    )


@pytest.mark.parametrize(("width", "height"), [(50, 50), (80, 50), (51, 90), (5, 3)])
def test_circle_lies_in_the_middle(width: int, height: int) -> None:
    found = alpha_after(Round(circle=True), width, height)
    y, x = np.mgrid[:height, :width]
    radius = min(width, height) / 2
    left, top = (width - 2 * radius) // 2, (height - 2 * radius) // 2
    distance = np.hypot(x + 0.5 - left - radius, y + 0.5 - top - radius)
    assert np.all(found[distance < radius - 0.8] == 255)
    assert np.all(found[distance > radius + 0.8] == 0)
    assert abs(found.sum() / 255 - np.pi * radius**2) < 0.3 + 0.01 * np.pi * radius**2


def test_transparency_multiplies() -> None:
    rounded = pixels_of(Round(radius=20).apply(opened(encoded(translucent()))))[..., 3]
    wanted = np.asarray(translucent())[..., 3] * (drawn(60, 40, 20) / 255)
    assert np.abs(rounded - wanted).mean() < 1
    assert np.all(rounded <= np.asarray(translucent())[..., 3])


@settings(max_examples=30, deadline=None)
@given(width=st.integers(1, 30), height=st.integers(1, 30), radius=st.floats(0.1, 40))
def test_masks_are_symmetrical(width: int, height: int, radius: float) -> None:
    found = alpha_after(Round(radius=radius), width, height)
    assert np.array_equal(found, found[::-1])
    assert np.array_equal(found, found[:, ::-1])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "expected 'radius' or 'circle'"),
        ({"radius": 5, "circle": True}, "'radius' cannot stand beside 'circle'"),
        ({"radius": "wide"}, "radius"),
        ({"radius": 0}, "radius"),
        ({"radius": "0%"}, "radius"),
        ({"radius": None}, "expected 'radius' or 'circle'"),
    ],
)
def test_refuses_what_makes_no_sense(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Round.parse({"op": "round", **fields})
