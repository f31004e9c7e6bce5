from __future__ import annotations

import numpy as np
from kinds import coffee_file, opened, pixels_of
from PIL import Image, ImageFilter
from samples import cameraman, coffee, encoded, likeness, portrait
from skimage.filters import gaussian

from imgflow.operations.sharpen import Sharpen


def acutance(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    """Return the mean step between neighbours: how crisp a picture is."""
    return float(np.abs(np.diff(pixels.astype(float), axis=1)).mean())


def test_is_an_unsharp_mask() -> None:
    gray = cameraman()
    sharp = pixels_of(Sharpen(sigma=1.5, amount=0.8, threshold=0).apply(opened(encoded(gray))))
    plain = gray.astype(float)
    wanted = plain + 0.8 * (plain - gaussian(plain, 1.5))
    difference = sharp.squeeze() - np.clip(wanted, 0, 255)
    assert np.abs(difference).mean() < 0.6
    assert abs(difference.mean()) < 0.1


def test_looks_as_pillow_sharpens() -> None:
    sharp = pixels_of(Sharpen(sigma=2, amount=0.8, threshold=0).apply(opened(encoded(portrait()))))
    reference = Image.fromarray(portrait()).filter(ImageFilter.UnsharpMask(2, 80, 0))
    assert likeness(sharp, np.asarray(reference)) > 0.97


def test_more_is_sharper() -> None:
    crispness = [
        acutance(pixels_of(Sharpen(amount=amount).apply(opened(coffee_file()))))
        for amount in (0, 0.5, 1, 2)
    ]
    assert crispness == sorted(crispness)
    assert crispness[1] > 1.1 * crispness[0]


def test_nothing_added_is_nothing_changed() -> None:
    same = pixels_of(Sharpen(amount=0).apply(opened(coffee_file())))
    assert np.array_equal(same, coffee())


def test_no_colour_fringes() -> None:
    sharp = pixels_of(Sharpen(amount=2).apply(opened(coffee_file()))).astype(int)
    plain = coffee().astype(int)
    moved = sharp - plain
    free = np.all((sharp > 0) & (sharp < 255), axis=-1)
    assert free.mean() > 0.5
    assert np.ptp(moved[free], axis=-1).max() <= 1


def test_threshold_spares_noise() -> None:
    noise = np.random.default_rng(1).integers(98, 103, (60, 60), np.uint8)
    same = pixels_of(Sharpen(amount=2, threshold=5).apply(opened(encoded(noise)))).squeeze()
    assert np.array_equal(same, noise)


def test_hidden_colours_make_no_halo() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, :20] = (255, 255, 255, 0)
    pixels[:, 20:] = (90, 90, 90, 255)
    sharp = pixels_of(Sharpen(amount=3).apply(opened(encoded(pixels))))
    assert np.array_equal(sharp[:, 20:], pixels[:, 20:])
    assert np.array_equal(sharp[..., 3], pixels[..., 3])
