"""Pairs of pictures, each with what the published C++ program says of them.

The scores are those of ``ssimulacra2`` in Debian 13 (libjxl 0.11.2, AMD EPYC). The pictures are
photographs of scikit-image, distorted by whole numbers only, or by Pillow's JPEG encoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import samples
from PIL import Image

#: What the C++ program prints for each pair.
PUBLISHED = {
    "portrait, jpeg 20": 45.0870,
    "portrait, jpeg 50": 68.1887,
    "portrait, jpeg 75": 76.6647,
    "portrait, jpeg 90": 84.9828,
    "portrait, jpeg 97": 89.2109,
    "portrait, jpeg 95 4:4:4": 91.4909,
    "portrait, 4 bits": 59.8753,
    "portrait, blocks of 2": 33.0130,
    "portrait, noise 3": 88.1599,
    "portrait, blue noise 24": 78.3485,
    "portrait, red noise 12": 81.8985,
    "portrait, brighter 9": 61.0354,
    "cat, jpeg 20": 41.3072,
    "cat, jpeg 50": 67.9656,
    "cat, jpeg 75": 77.6483,
    "cat, jpeg 90": 86.6678,
    "cat, jpeg 97": 93.2572,
    "cat, jpeg 95 4:4:4": 92.2385,
    "cat, 4 bits": 61.4545,
    "cat, blocks of 2": 33.3266,
    "cat, noise 3": 88.5365,
    "cat, blue noise 24": 89.3255,
    "cat, red noise 12": 83.9689,
    "cat, brighter 9": 81.8894,
    "cup, jpeg 20": 32.2462,
    "cup, jpeg 50": 60.6636,
    "cup, jpeg 75": 71.4637,
    "cup, jpeg 90": 82.2975,
    "cup, jpeg 97": 88.1075,
    "cup, jpeg 95 4:4:4": 91.1094,
    "cup, 4 bits": 58.9446,
    "cup, blocks of 2": 11.0785,
    "cup, noise 3": 87.7162,
    "cup, blue noise 24": 88.0707,
    "cup, red noise 12": 75.1024,
    "cup, brighter 9": 72.4588,
    "8x8": 94.4284,
    "9x8": 94.2806,
    "8x33": 94.0994,
    "15x17": 92.8029,
    "31x16": 91.9223,
    "33x64": 95.0496,
    "65x63": 92.3402,
    "113x97": 91.1994,
    "127x129": 79.5794,
    "257x255": 79.6610,
    "300x9": 92.3925,
    "gray": 68.7700,
    "gray, colour": 60.6636,
    "alpha, colours": 43.1599,
    "alpha, opacity": 62.0172,
    "alpha, none": -134.1279,
    "none, alpha": -75.1560,
    "gray with alpha": 71.4490,
    "16 bits": 80.7215,
    "16 bits, 8 bits": 80.6008,
    "black, white": 19.9172,
    "inverted": -3454.5180,
    "large, jpeg 60": 68.5611,
    "large, jpeg 92": 85.8330,
}

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from samples import Pixels

    Distort = Callable[[Pixels], Pixels]


def jpeg(quality: int, subsampling: int = 2) -> Distort:
    """Return a distortion: JPEG of some quality, 4:2:0 by default."""
    return lambda pixels: samples.decoded(
        samples.encoded(pixels, "JPEG", quality=quality, subsampling=subsampling)
    )


def posterised(bits: int) -> Distort:
    """Keep some bits of each channel."""
    return lambda pixels: (pixels >> (8 - bits) << (8 - bits)).astype(np.uint8)


def coarse(side: int) -> Distort:
    """Give each block the colour of its first pixel."""

    def distort(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        return pixels[np.arange(height) // side * side][:, np.arange(width) // side * side]

    return distort


def noisy(depth: int, channels: slice = slice(None)) -> Distort:
    """Add a pattern without repetition, up to ``depth`` up and down."""

    def distort(pixels: Pixels) -> Pixels:
        y, x = np.indices(pixels.shape[:2])
        noise = ((y * 7919 + x * 104729 + y * x * 31) % 1009) % (2 * depth + 1) - depth
        mixed = pixels.astype(int)
        if mixed.ndim == 2:
            mixed += noise
        else:
            mixed[..., channels] += np.expand_dims(noise, 2)
        return mixed.clip(0, 255).astype(np.uint8)

    return distort


def brighter(by: int) -> Distort:
    """Add to all channels."""
    return lambda pixels: (pixels.astype(int) + by).clip(0, 255).astype(np.uint8)


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return the upper left part, or what is more if it is too small, of a size."""
    return np.pad(
        pixels,
        [(0, max(0, height - pixels.shape[0])), (0, max(0, width - pixels.shape[1])), (0, 0)],
        mode="reflect",
    )[:height, :width]


def large() -> Pixels:
    """Return a picture of 1600x1200, in which errors of rounding gather."""
    return np.asarray(
        Image.fromarray(samples.coffee()).resize((1600, 1200), Image.Resampling.NEAREST)
    )


def wide(pixels: Pixels) -> Pixels:
    """Return samples of 16 bits, with more than eight of them in use."""
    y, x = np.indices(pixels.shape[:2])
    fine = np.expand_dims((y * 37 + x * 101) % 200, 2)
    return (pixels.astype(np.uint32) * 256 + fine).clip(0, 65535).astype(np.uint16)


def pairs() -> Iterator[tuple[str, Pixels, Pixels]]:
    """Yield the name of each pair, the reference and the distorted picture."""
    for name, photo in (
        ("portrait", samples.portrait()),
        ("cat", samples.cat()),
        ("cup", samples.coffee()),
    ):
        for distortion, distort in (
            *((f"jpeg {quality}", jpeg(quality)) for quality in (20, 50, 75, 90, 97)),
            ("jpeg 95 4:4:4", jpeg(95, 0)),
            ("4 bits", posterised(4)),
            ("blocks of 2", coarse(2)),
            ("noise 3", noisy(3)),
            ("blue noise 24", noisy(24, slice(2, 3))),
            ("red noise 12", noisy(12, slice(0, 1))),
            ("brighter 9", brighter(9)),
        ):
            yield f"{name}, {distortion}", photo, distort(photo)
    cat = samples.cat()
    for width, height in (
        (8, 8),
        (9, 8),
        (8, 33),
        (15, 17),
        (31, 16),
        (33, 64),
        (65, 63),
        (113, 97),
        (127, 129),
        (257, 255),
        (300, 9),
    ):
        part = resized(cat, width, height)
        yield f"{width}x{height}", part, noisy(6)(part)
    gray = samples.cameraman()
    yield "gray", gray, jpeg(60)(gray)
    yield "gray, colour", gray, np.dstack([noisy(8)(gray)] * 3)
    veiled = samples.with_alpha(samples.portrait())
    faded = veiled.copy()
    faded[..., 3] = posterised(4)(veiled[..., 3])
    smeared = np.dstack([coarse(2)(veiled[..., :3]), veiled[..., 3]])
    yield "alpha, colours", veiled, smeared
    yield "alpha, opacity", veiled, faded
    yield "alpha, none", veiled, jpeg(70)(samples.portrait())
    yield "none, alpha", samples.portrait(), smeared
    soft = np.dstack([gray, veiled[..., 3]])
    yield "gray with alpha", soft, np.dstack([jpeg(40)(gray), veiled[..., 3]])
    yield "16 bits", wide(cat), wide(jpeg(80)(cat))
    yield "16 bits, 8 bits", wide(cat), jpeg(80)(cat)
    yield "black, white", np.zeros((40, 50, 3), np.uint8), np.full((40, 50, 3), 255, np.uint8)
    yield "inverted", cat, 255 - cat
    big = large()
    yield "large, jpeg 60", big, jpeg(60)(big)
    yield "large, jpeg 92", big, jpeg(92)(big)
