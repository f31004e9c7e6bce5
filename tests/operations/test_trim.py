from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import ANIMATED, kind_picture, opened, pixels_of
from PIL import Image, ImageChops, ImageOps
from samples import coffee, encoded, portrait

from imgflow.operations.trim import Trim


def bordered(colour: Any = "white", mode: str = "RGB") -> Image.Image:
    """Return the photograph with a border of (left, top, right, bottom) 7, 11, 13, 17."""
    return ImageOps.expand(Image.fromarray(coffee()).convert(mode), (7, 11, 13, 17), colour)


def test_the_border_goes_and_nothing_else() -> None:
    trimmed = Trim().apply(opened(encoded(bordered())))
    assert np.array_equal(pixels_of(trimmed), coffee())


def test_noise_of_jpeg_is_forgiven() -> None:
    file = encoded(bordered("navy"), "JPEG", quality=70)
    width, height = Trim(threshold=40).apply(opened(file)).size
    assert abs(width - 600) <= 8
    assert abs(height - 400) <= 8


def test_threshold_counts_in_255ths_in_16_bits_too() -> None:
    pixels = np.full((20, 30), 40_000, np.uint16)
    pixels[5:15, 10:20] += 20 * 257
    assert Trim(threshold=19).apply(opened(encoded(pixels))).size == (10, 10)
    assert Trim(threshold=21).apply(opened(encoded(pixels))).size == (30, 20)


def test_a_background_that_is_not_there_cuts_nothing() -> None:
    assert Trim(background="lime").apply(opened(encoded(bordered()))).size == (620, 428)
    assert Trim(background="white").apply(opened(encoded(bordered()))).size == (600, 400)


def test_transparent_border_goes_whatever_hides_in_it() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (40, 50, 4), np.uint8)
    pixels[..., 3] = 0
    pixels[10:20, 5:45, 3] = 255
    pixels[10:20, 5:45, :3] = 0
    trimmed = Trim().apply(opened(encoded(pixels)))
    assert trimmed.size == (40, 10)
    assert np.all(pixels_of(trimmed)[..., 3] == 255)


def test_opaque_background_is_found_beside_transparency() -> None:
    image = Image.new("RGBA", (30, 30), "red")
    image.paste((0, 0, 0, 0), (10, 12, 20, 18))
    assert Trim(background="red").apply(opened(encoded(image))).size == (10, 6)


@pytest.mark.parametrize("size", [(1, 1), (40, 30)])
def test_a_picture_of_one_colour_stays_with_a_warning(size: tuple[int, int]) -> None:
    picture = Trim().apply(opened(encoded(Image.new("RGB", size, "teal"))))
    assert picture.size == size
    assert [(note.kind, note.code) for note in picture.notes] == [("warning", "trim-uniform")]


@pytest.mark.parametrize("kind", ANIMATED)
def test_frames_keep_one_size(kind: str) -> None:
    trimmed = Trim(threshold=200).apply(kind_picture(kind))
    assert trimmed.image.height == trimmed.height * trimmed.frames


def test_an_animation_keeps_what_any_frame_shows() -> None:
    frames = [Image.new("RGB", (40, 30), "white") for _ in range(3)]
    frames[0].paste("black", (5, 6, 10, 10))
    frames[2].paste("black", (20, 20, 35, 25))
    file = encoded(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])
    trimmed = Trim().apply(opened(file))
    assert trimmed.size == (30, 19)
    assert trimmed.frames == 3


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_boxes_match_those_of_pillow(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(2, 30)), data.draw(st.integers(2, 30))
    image = Image.new("L", (width, height), 100)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(1, height - 1))
    image.putpixel((x, y), 200)
    image.putpixel((data.draw(st.integers(1, width - 1)), y), 0)
    box = ImageChops.difference(image, Image.new("L", image.size, image.getpixel((0, 0)))).getbbox()
    trimmed = Trim(threshold=0).apply(opened(encoded(image)))
    assert np.array_equal(pixels_of(trimmed).squeeze(), np.asarray(image.crop(box)).squeeze())


def test_a_photograph_without_a_border_stays_itself() -> None:
    assert np.array_equal(pixels_of(Trim().apply(opened(encoded(portrait())))), portrait())
