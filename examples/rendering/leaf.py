"""An autumn leaf."""

import numpy as np
from PIL import Image, ImageDraw

from .film import develop
from .light import Array, blur, mix, smooth
from .noise import fractal
from .relief import Field, slopes

LEAF = (  # the right half of a maple leaf's outline, from the tip to the stem
    (0.0, -0.98),
    (0.09, -0.78),
    (0.22, -0.7),
    (0.19, -0.58),
    (0.3, -0.5),
    (0.2, -0.22),
    (0.24, -0.13),
    (0.42, -0.36),
    (0.5, -0.28),
    (0.62, -0.4),
    (0.66, -0.3),
    (0.95, -0.34),
    (0.84, -0.16),
    (0.9, -0.07),
    (0.74, 0.02),
    (0.72, 0.1),
    (0.42, 0.22),
    (0.4, 0.3),
    (0.56, 0.34),
    (0.54, 0.42),
    (0.66, 0.55),
    (0.44, 0.54),
    (0.3, 0.56),
    (0.04, 0.42),
)
VEINS = ((0.0, -0.94), (0.9, -0.32), (0.6, 0.52), (-0.9, -0.32), (-0.6, 0.52))


def leaf_drawing(size: int) -> tuple[Array, Array]:
    """Return the outline of a maple leaf, with its stem, and its veins (both from 0 to 1)."""
    big, base = 3 * size, 0.38j
    images = Image.new("L", (big, big)), Image.new("L", (big, big))
    outline, veins = (ImageDraw.Draw(image) for image in images)

    def place(*points: complex) -> list[tuple[float, float]]:
        turned = [big * (0.5 + 0.5j + 0.43 * (0.94 + 0.34j) * point) for point in points]
        return [(point.real, point.imag) for point in turned]

    right = [complex(x, y) for x, y in LEAF]
    outline.polygon(place(*right, *(-point.conjugate() for point in reversed(right))), fill=255)
    stem = place(*(complex(0.16 * t**2, 0.38 + 0.6 * t) for t in np.linspace(0, 1, 20)))
    for drawing in (outline, veins):
        drawing.line(stem, fill=255, width=big // 80)
    for x, y in VEINS:
        tip = complex(x, y) - base
        veins.line(place(base, base + tip), fill=255, width=big // 140)
        for t in np.linspace(0.22, 0.85, 7):
            for side in (0.7 - 0.6j, 0.7 + 0.6j):
                end = base + tip * (t + (0.48 - 0.42 * t) * side)
                veins.line(place(base + tip * t, end), fill=150, width=big // 330)
    small = [np.asarray(image.resize((size, size), Image.Resampling.BOX)) for image in images]
    return small[0] / 255, small[1] / 255


def maple_leaf() -> Image.Image:
    """Picture an autumn leaf on a transparent ground."""
    shape = size, _ = 800, 800
    y, x = np.mgrid[:size, :size].astype(np.float64)
    x, y = x + 9 * fractal(61, shape, 2.1, low=3), y + 9 * fractal(62, shape, 2.1, low=3)
    mask, veins = (Field(drawing, 1).at(x, y) for drawing in leaf_drawing(size))
    blotch, spots = fractal(63, shape, 1.3), smooth(1.7, 2.8, fractal(64, shape, 1.2))
    inner = np.clip(smooth(0.55, 1.05, blur(mask, 30)) + 0.28 * blotch, 0, 1)
    colour = mix((0.4, 0.018, 0.012), (0.75, 0.16, 0.018), inner)
    beside = np.clip(4 * blur(veins, 9), 0, 1) * np.clip(0.5 + 0.3 * blotch, 0, 1)
    colour = mix(colour, (0.85, 0.4, 0.05), beside)
    colour = mix(
        mix(colour, (0.12, 0.03, 0.015), 0.7 * spots), (0.85, 0.5, 0.16), 0.6 * blur(veins, 0.7)
    )
    relief = 10 * blur(mask, 40) - 5 * blur(veins, 4) + 1.3 * fractal(65, shape, 2.1, low=4)
    dx, dy = slopes(relief)
    picture = develop(1.1 * colour * np.clip(1 + dx + dy, 0.3, 1.8)[..., None], shape, grain=0)
    alpha = np.clip(255 * blur(mask, 0.6), 0, 255).astype(np.uint8)[..., None]
    even = np.where(alpha, np.asarray(picture) & 0xF8 | 4, 0)  # fewer tones: a smaller file
    return Image.fromarray(np.concatenate([even.astype(np.uint8), alpha], axis=2))
