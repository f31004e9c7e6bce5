"""Placeholders, against other implementations of their formats."""

from __future__ import annotations

import base64
import io
from typing import Any

import blurhash as rival_blurhash
import fast_thumbhash
import numpy as np
import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.placeholders import Placeholders
from imgflow.placeholders.blurhash import blurhash
from imgflow.placeholders.dominant import dominant_colour
from imgflow.placeholders.lqip import MOST_CHARACTERS
from imgflow.placeholders.making import make_placeholders, reduction
from imgflow.placeholders.thumbhash import thumbhash
from imgflow.source import Source

PHOTOS = [samples.portrait, samples.cat, samples.coffee]


def made(file: bytes) -> Placeholders:
    picture = open_picture(Source("a", data=file), DEFAULT_LIMITS)
    return make_placeholders(reduction(picture.size).apply(picture))


def small(pixels: Any, width: int = 32, height: int = 24) -> Any:
    image = Image.fromarray(pixels).convert("RGBA").resize((width, height))
    return np.asarray(image)


def noise(seed: int, width: int, height: int) -> Any:
    shape = (height, width, 4)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("size", [(32, 24), (24, 32), (32, 32), (1, 1), (40, 1)])
def test_blurhash_is_that_of_others(photo: Any, size: tuple[int, int]) -> None:
    pixels = small(photo(), *size)
    components = (4, 3) if size[0] >= size[1] else (3, 4)
    assert blurhash(pixels) == rival_blurhash.encode(pixels[..., :3], *components)


def test_blurhash_of_what_is_transparent_lies_on_white() -> None:
    pixels = small(samples.cat())
    pixels = np.dstack([pixels[..., :3], np.zeros(pixels.shape[:2], np.uint8)])
    assert blurhash(pixels) == blurhash(np.full_like(pixels, 255))


@given(st.integers(0, 2**32), st.integers(8, 100), st.integers(8, 100), st.booleans())
@settings(max_examples=40, deadline=None)
def test_thumbhash_is_that_of_others(seed: int, width: int, height: int, opaque: bool) -> None:
    pixels = noise(seed, width, height)
    if opaque:
        pixels[..., 3] = 255
    check_thumbhash(pixels)


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("alpha", [False, True])
def test_thumbhash_of_photos_is_that_of_others(photo: Any, alpha: bool) -> None:
    pixels = small(samples.with_alpha(photo()) if alpha else photo(), 100, 75)
    check_thumbhash(pixels)


def check_thumbhash(pixels: Any) -> None:
    height, width = pixels.shape[:2]
    expected = bytes(fast_thumbhash.rgba_to_thumb_hash(width, height, pixels.tobytes()))
    found = base64.b64decode(thumbhash(pixels))
    assert len(found) == len(expected)
    nibbles = [value for pair in zip(found, expected, strict=True) for value in _apart(*pair)]
    # Another order of summation rounds what lies in the middle to the other side.
    assert max(map(abs, nibbles)) <= 1
    assert np.count_nonzero(nibbles) <= 2


def test_thumbhash_of_one_colour_is_that_colour() -> None:
    pixels = np.full((40, 100, 4), (80, 120, 200, 255), np.uint8)
    data = base64.b64decode(thumbhash(pixels))
    assert set(data[5:]) == {0}
    colour = fast_thumbhash.thumb_hash_to_average_rgba(data)
    assert np.allclose(np.multiply(colour, 255), (80, 120, 200, 255), atol=6)


def _apart(one: int, two: int) -> tuple[int, int]:
    return (one & 15) - (two & 15), (one >> 4) - (two >> 4)


def test_the_dominant_colour_is_that_of_most_pixels_not_the_mean() -> None:
    pixels = np.full((10, 10, 4), (20, 60, 200, 255), np.uint8)
    pixels[:4] = (250, 250, 0, 255)
    assert dominant_colour(pixels) == "#143cc8"


def test_what_cannot_be_seen_does_not_count() -> None:
    pixels = np.full((10, 10, 4), (20, 60, 200, 0), np.uint8)
    assert dominant_colour(pixels) == "#ffffff"
    pixels[0, 0] = (1, 2, 3, 255)
    assert dominant_colour(pixels) == "#010203"


def test_a_colour_at_the_border_of_cells_wins_with_all_of_its_pixels() -> None:
    pixels = np.full((10, 10, 4), (250, 0, 0, 255), np.uint8)
    pixels[:3] = (127, 127, 127, 255)
    pixels[3:6] = (128, 128, 128, 255)
    assert dominant_colour(pixels) == "#808080"


@pytest.mark.parametrize("photo", [*PHOTOS, samples.cameraman])
def test_the_tiny_picture_looks_like_the_large_one(photo: Any) -> None:
    pixels = photo()
    found = made(samples.encoded(pixels, "JPEG", quality=90))
    assert len(found.lqip) <= MOST_CHARACTERS
    head, data = found.lqip.split(",")
    assert head == "data:image/webp;base64"
    tiny = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    assert max(tiny.size) >= 12
    reduced = Image.fromarray(pixels).convert("RGB").resize(tiny.size)
    assert abs(np.asarray(tiny, float) - np.asarray(reduced, float)).mean() < 12


def test_transparency_is_told_and_kept() -> None:
    found = made(samples.encoded(samples.with_alpha(samples.cat())))
    assert found.alpha
    data = base64.b64decode(found.lqip.split(",")[1])
    assert Image.open(io.BytesIO(data)).mode == "RGBA"
    assert not made(samples.encoded(samples.cat())).alpha


def test_depth_and_profiles_make_no_difference() -> None:
    plain = made(samples.encoded(samples.cameraman()))
    deep = Image.fromarray(samples.cameraman().astype(np.uint16) * 257)
    assert made(samples.encoded(deep)).colour == plain.colour


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (2, 900)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    found = made(samples.encoded(Image.new("RGB", size, "#336699")))
    assert found.colour == "#336699"
    assert len(found.blurhash) == 28
