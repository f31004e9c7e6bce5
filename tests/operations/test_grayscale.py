from __future__ import annotations

import numpy as np
from kinds import coffee_file, kind_picture, opened, pixels_of, translucent
from PIL import Image
from samples import coffee, encoded, likeness

from imgflow.geometry import Size
from imgflow.operations.grayscale import Grayscale
from imgflow.operations.operation import ANY_SHRINK


def luminance(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return sRGB pixels as gray of the same CIE luminance (IEC 61966-2-1)."""
    values = pixels / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    bright = linear @ [0.2126, 0.7152, 0.0722]
    coded = np.where(bright <= 0.0031308, bright * 12.92, 1.055 * bright ** (1 / 2.4) - 0.055)
    gray: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = coded * 255
    return gray


def test_is_the_luminance() -> None:
    gray = pixels_of(Grayscale().apply(opened(coffee_file()))).squeeze()
    assert np.abs(gray - luminance(coffee())).mean() < 1.5


def test_looks_as_pillow_takes_colour_away() -> None:
    gray = pixels_of(Grayscale().apply(opened(coffee_file()))).squeeze()
    assert likeness(gray, np.asarray(Image.fromarray(coffee()).convert("L"))) > 0.95


def test_transparency_stays() -> None:
    gray = pixels_of(Grayscale().apply(opened(encoded(translucent()))))
    assert gray.shape[2] == 2
    assert np.array_equal(gray[..., 1], np.asarray(translucent())[..., 3])


def test_16_bits_stay() -> None:
    assert pixels_of(Grayscale().apply(kind_picture("png-16"))).dtype == np.uint16


def test_cmyk_becomes_gray() -> None:
    gray = pixels_of(Grayscale().apply(kind_picture("jpeg-cmyk"))).squeeze()
    assert gray.ndim == 2


def test_passes_a_reduction_on() -> None:
    assert Grayscale().shrink(Size(10, 10)) == ANY_SHRINK
