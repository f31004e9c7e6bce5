from __future__ import annotations

import numpy as np
import pytest
from kinds import coffee_file, opened, pixels_of
from PIL import Image, ImageFilter
from samples import coffee, encoded, likeness, with_alpha
from skimage.filters import gaussian

from imgflow.errors import RecipeError
from imgflow.operations.blur import Blur


@pytest.mark.parametrize("sigma", [0.3, 0.5, 0.8, 1, 1.7, 2.5, 3, 5, 12, 40])
def test_is_the_bell_that_it_says(sigma: float) -> None:
    blurred = pixels_of(Blur(sigma=sigma).apply(opened(coffee_file())))
    reference = gaussian(coffee().astype(float), sigma, channel_axis=-1)
    difference = blurred - reference
    assert np.abs(difference).mean() < 0.7
    assert abs(difference.mean()) < 0.5


def test_looks_as_pillow_blurs() -> None:
    blurred = pixels_of(Blur(sigma=4).apply(opened(coffee_file())))
    reference = Image.fromarray(coffee()).filter(ImageFilter.GaussianBlur(4))
    assert likeness(blurred, np.asarray(reference)) > 0.99


@pytest.mark.parametrize("sigma", [1, 6])
def test_hidden_colours_do_not_bleed(sigma: float) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, :20] = (0, 255, 0, 0)
    pixels[:, 20:] = (255, 0, 0, 255)
    blurred = pixels_of(Blur(sigma=sigma).apply(opened(encoded(pixels))))
    seen = blurred[blurred[..., 3] > 8]
    assert seen[:, 1].max() <= 8
    assert len(np.unique(blurred[20, :, 3])) > 4


@pytest.mark.parametrize("sigma", [1, 6])
def test_opaque_pictures_do_not_care_for_their_alpha(sigma: float) -> None:
    opaque = with_alpha(coffee())
    opaque[..., 3] = 255
    blurred = pixels_of(Blur(sigma=sigma).apply(opened(encoded(opaque))))
    reference = pixels_of(Blur(sigma=sigma).apply(opened(coffee_file())))
    assert np.abs(blurred[..., :3].astype(int) - reference).max() <= 2
    assert blurred[..., 3].min() == 255


def test_16_bits_are_used() -> None:
    ramp = np.linspace(0, 65535, 300).astype(np.uint16)[None, :].repeat(20, axis=0)
    blurred = pixels_of(Blur(sigma=3).apply(opened(encoded(ramp)))).squeeze()
    assert blurred.dtype == np.uint16
    assert np.abs(blurred[10, 20:-20].astype(int) - ramp[10, 20:-20]).max() < 30


@pytest.mark.parametrize("sigma", [0, 0.1, 1000, "much"])
def test_refuses_other_sigmas(sigma: object) -> None:
    with pytest.raises(RecipeError, match="sigma"):
        Blur.parse({"op": "blur", "sigma": sigma})
