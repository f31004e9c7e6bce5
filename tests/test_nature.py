"""What a picture is taken for, by what it shows."""

from __future__ import annotations

from typing import Any

import graphics
import numpy as np
import pytest
import samples
from PIL import Image

from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.nature import Nature, look_at
from imgflow.source import Source

PHOTOS = {
    "portrait": samples.portrait,
    "cat": samples.cat,
    "coffee": samples.coffee,
    "cameraman": samples.cameraman,
}
TRANSPARENT = {"logo", "icons"}


def product() -> Image.Image:
    """Return a photograph on plain white, as shops show it."""
    canvas = Image.new("RGB", (480, 320), "white")
    canvas.paste(Image.fromarray(samples.coffee()).resize((210, 140)), (130, 90))
    return canvas


def nature(picture: Any, fmt: str = "PNG", **options: Any) -> Nature:
    file = samples.encoded(picture, fmt, **options)
    return look_at(open_picture(Source("in", data=file), DEFAULT_LIMITS).random_access())


@pytest.mark.parametrize("name", graphics.GRAPHICS)
def test_graphics(name: str) -> None:
    image = graphics.GRAPHICS[name]()

    found = nature(image)

    assert found.graphic
    assert found.mixed == (name == "interface_with_photo")
    assert found.alpha == (name in TRANSPARENT)
    assert (found.animated, found.longest) == (False, max(image.size))


@pytest.mark.parametrize("name", graphics.OTHERS)
def test_what_is_drawn_with_grain_or_shades_is_none(name: str) -> None:
    assert not nature(graphics.OTHERS[name]()).graphic


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("fmt", ["PNG", "JPEG"])
def test_photographs(name: str, fmt: str) -> None:
    found = nature(PHOTOS[name](), fmt)

    assert (found.graphic, found.mixed, found.alpha) == (False, False, False)


def test_a_photograph_on_plain_ground_is_both() -> None:
    found = nature(product())

    assert (found.graphic, found.mixed) == (True, True)


def test_an_alpha_channel_without_a_transparent_pixel_is_no_transparency() -> None:
    opaque = np.dstack([samples.cat(), np.full((300, 451), 255, np.uint8)])
    seen = opaque.copy()
    seen[0, 0, 3] = 254

    assert not nature(opaque).alpha
    assert nature(seen).alpha


def test_frames() -> None:
    frames = [Image.fromarray(samples.cat()[:90, start : start + 120]) for start in (0, 9)]

    found = nature(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert (found.animated, found.longest) == (True, 120)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 2), (7, 7)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    assert not nature(Image.new("RGB", size, "red")).mixed
