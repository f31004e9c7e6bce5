from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kinds import coffee_file, kind_picture, opened, pixels_of, translucent
from PIL import Image, ImageEnhance
from samples import coffee, encoded

from imgflow.errors import RecipeError
from imgflow.operations.adjust import Adjust


def adjusted(**factors: float) -> Any:
    return pixels_of(Adjust(**factors).apply(opened(coffee_file()))).astype(int)


def clip(values: Any) -> Any:
    return np.clip(values, 0, 255)


@pytest.mark.parametrize("factor", [0, 0.5, 1, 1.4])
def test_brightness_is_that_of_pillow(factor: float) -> None:
    reference = np.asarray(ImageEnhance.Brightness(Image.fromarray(coffee())).enhance(factor))
    assert np.abs(adjusted(brightness=factor) - reference).max() <= 1


@pytest.mark.parametrize("factor", [0, 0.5, 1, 2])
def test_contrast_turns_around_mid_gray(factor: float) -> None:
    wanted = clip((coffee() / 255 - 0.5) * factor * 255 + 127.5)
    assert np.abs(adjusted(contrast=factor) - wanted).max() <= 0.51


@pytest.mark.parametrize("factor", [0, 0.5, 1, 1.7])
def test_saturation_scales_the_distance_to_gray(factor: float) -> None:
    luma = (coffee() @ [0.213, 0.715, 0.072])[..., None]
    wanted = clip(luma + (coffee() - luma) * factor)
    assert np.abs(adjusted(saturation=factor) - wanted).max() <= 0.51


def test_saturation_looks_as_in_pillow() -> None:
    reference = np.asarray(ImageEnhance.Color(Image.fromarray(coffee())).enhance(1.5))
    assert np.abs(adjusted(saturation=1.5) - reference).mean() < 6


@pytest.mark.parametrize(
    ("degrees", "row"),
    [
        (0, (255, 0, 0)),
        (90, (0, 91, 0)),
        (180, (0, 109, 109)),
        (360, (255, 0, 0)),
    ],
)
def test_hue_turns_red_as_the_css_filter_does(degrees: float, row: tuple[int, ...]) -> None:
    red = opened(encoded(Image.new("RGB", (4, 4), "red")))
    found = pixels_of(Adjust(hue=degrees).apply(red))[0, 0].astype(int)
    assert np.abs(found - row).max() <= 1


def test_hue_keeps_the_luma() -> None:
    moved = adjusted(hue=20)
    inside = np.all((moved > 0) & (moved < 255), axis=-1)
    weights = np.array([0.213, 0.715, 0.072])
    assert inside.mean() > 0.5
    assert np.abs(moved[inside] @ weights - coffee()[inside] @ weights).max() <= 1


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.2])
def test_gamma_is_a_power(gamma: float) -> None:
    wanted = 255 * (coffee() / 255) ** (1 / gamma)
    assert np.abs(adjusted(gamma=gamma) - wanted).max() <= 1


def test_brightness_comes_before_contrast() -> None:
    wanted = clip((coffee() / 255 * 0.8 - 0.5) * 1.5 * 255 + 127.5)
    assert np.abs(adjusted(brightness=0.8, contrast=1.5) - wanted).max() <= 0.51


def test_transparency_stays() -> None:
    step = Adjust(brightness=1.5, saturation=0.2, hue=30, gamma=2)
    found = pixels_of(step.apply(opened(encoded(translucent()))))
    assert np.array_equal(found[..., 3], np.asarray(translucent())[..., 3])


def test_16_bits_are_used() -> None:
    found = pixels_of(Adjust(brightness=0.5).apply(kind_picture("png-16")))
    wanted = pixels_of(kind_picture("png-16")) * 0.5
    assert found.dtype == np.uint16
    assert np.abs(found - wanted).max() <= 1


def test_gray_stays_gray() -> None:
    found = pixels_of(Adjust(saturation=2, hue=50).apply(kind_picture("png-gray")))
    assert np.array_equal(found, pixels_of(kind_picture("png-gray")))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "'brightness', 'contrast', 'saturation', 'hue' or 'gamma', found none"),
        ({"brightness": -1}, "brightness"),
        ({"hue": 400}, "hue"),
        ({"gamma": 0}, "gamma"),
    ],
)
def test_refuses_what_makes_no_sense(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Adjust.parse({"op": "adjust", **fields})
