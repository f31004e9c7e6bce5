from __future__ import annotations

import numpy as np
import pytest
from kinds import coffee_file, kind_picture, opened, pixels_of, translucent
from PIL import Image
from samples import encoded

from imgflow.errors import RecipeError
from imgflow.geometry import Size
from imgflow.operations.flatten import Flatten
from imgflow.operations.operation import ANY_SHRINK


@pytest.mark.parametrize("background", ["white", "#336699"])
def test_blends_as_pillow_does(background: str) -> None:
    flat = pixels_of(Flatten(background=background).apply(opened(encoded(translucent()))))
    canvas = Image.new("RGBA", translucent().size, background)
    reference = np.asarray(Image.alpha_composite(canvas, translucent()).convert("RGB"))
    assert flat.shape == reference.shape
    assert np.abs(flat.astype(int) - reference).max() <= 1


def test_a_picture_without_transparency_is_left_alone() -> None:
    picture = opened(coffee_file())
    assert Flatten().apply(picture) is picture


def test_gray_takes_a_colour() -> None:
    flat = pixels_of(Flatten(background="red").apply(kind_picture("png-gray-alpha")))
    assert flat[0, 0].tolist() == [255, 0, 0]


def test_16_bits_stay() -> None:
    flat = pixels_of(Flatten().apply(kind_picture("png-16-alpha")))
    assert flat.dtype == np.uint16
    assert flat[0, 0].tolist() == [65535] * 3


def test_passes_a_reduction_on() -> None:
    assert Flatten().shrink(Size(10, 10)) == ANY_SHRINK


def test_the_colour_behind_must_be_opaque() -> None:
    with pytest.raises(RecipeError, match="background"):
        Flatten.parse({"op": "flatten", "background": "#ffffff80"})
