"""Pebbles on a beach."""

import numpy as np
from PIL import Image

from .film import develop
from .light import Array, blur, mix, smooth, tint
from .noise import fractal
from .relief import shadow, slopes

Stones = list[tuple[float, float, float]]  # x, y and radius
TONES = (
    (0.16, 0.17, 0.19),
    (0.3, 0.29, 0.27),
    (0.07, 0.08, 0.095),
    (0.32, 0.26, 0.19),
    (0.55, 0.52, 0.47),
    (0.25, 0.155, 0.12),
    (0.18, 0.2, 0.18),
)


def pebble(rng: np.random.Generator, radius: float, texture: Array) -> tuple[Array, Array]:
    """Return the height map (0 outside) and the colours of one pebble."""
    half = int(radius * 1.25)
    y, x = np.mgrid[-half : half + 1, -half : half + 1] / radius
    turn, twist = rng.uniform(0, np.pi, 2)
    along = x * np.cos(turn) + y * np.sin(turn)
    across = (y * np.cos(turn) - x * np.sin(turn)) / rng.uniform(0.66, 0.95)
    angle = np.arctan2(across, along)
    dent = 1 + 0.05 * np.sin(2 * angle + twist) + 0.05 * np.sin(3 * angle + 2 * twist)
    inside = np.maximum(1 - (np.hypot(along, across) / dent) ** 2.3, 0)
    top, left = rng.integers(0, len(texture) - len(x), 2)
    speckle = texture[top : top + len(x), left : left + len(x)]
    height = radius * rng.uniform(0.5, 0.75) * inside**0.55 * (1 + 0.01 * speckle)
    level = np.exp(0.2 * speckle + rng.normal(0, 0.05, x.shape)) * rng.uniform(0.75, 1.25)
    vein = along * rng.uniform(0.4, 1) + 0.25 * across**2 + rng.uniform(-0.4, 0.4) + 0.02 * speckle
    share = 0.8 * np.exp(-((vein / 0.035) ** 2)) * (4 * rng.random() < 1)
    return height, mix(tint(level, TONES[rng.integers(len(TONES))]), (0.6, 0.58, 0.54), share)


def scatter(rng: np.random.Generator, size: tuple[int, int], low: float, tries: int) -> Stones:
    """Throw circles (x, y, radius), the largest first, and keep those that overlap little."""
    kept, count = np.zeros((tries, 3)), 0
    for radius in np.sort(np.minimum(low * (1 + rng.pareto(1.7, tries)), 5 * low))[::-1]:
        x, y = rng.uniform((0, 0), size)
        gaps = np.hypot(kept[:count, 0] - x, kept[:count, 1] - y)
        if (gaps > 0.92 * (kept[:count, 2] + radius)).all():
            kept[count], count = (x, y, radius), count + 1
    return [(x, y, radius) for x, y, radius in kept[:count]]


def pebbles() -> Image.Image:
    """Picture beach pebbles from above, in slanting light."""
    rng, texture = np.random.default_rng(41), fractal(42, (1024, 1024), 1.2, low=3)
    width, height, margin = 2160, 1440, 300
    relief = np.zeros((height + 2 * margin, width + 2 * margin))
    colours = np.full((*relief.shape, 3), 0.03)
    for floor, low, tries in ((0, 28, 5000), (30, 34, 4000), (75, 46, 900)):
        for x, y, radius in scatter(rng, (width + 2 * margin, height + 2 * margin), low, tries):
            bump, colour = pebble(rng, radius, texture)
            top, left = int(y) - len(bump) // 2, int(x) - len(bump) // 2
            area = np.s_[top : top + len(bump), left : left + len(bump)]
            if min(top, left) < 0 or relief[area].shape != bump.shape:
                continue
            above = (bump > 0) & (bump + floor > relief[area])
            relief[area][above], colours[area][above] = bump[above] + floor, colour[above]
    dx, dy = slopes(blur(relief, 1.2))
    steep = np.sqrt(1 + dx**2 + dy**2)
    sunlit = 1 - blur(smooth(0, 14, shadow(relief, 0.75)), 1.5)
    hollow = np.exp(-np.maximum(blur(relief, 30) - relief, 0) / 28)
    gloss = np.clip((0.85 + 0.42 * dx + 0.25 * dy) / steep, 0, 1) ** 40
    light = tint(sunlit * np.maximum(0.62 + 0.7 * dx + 0.35 * dy, 0) / steep, (2.9, 2.6, 2.2))
    light = colours * (light + tint(hollow / np.sqrt(steep), (0.55, 0.65, 0.8)))
    light += tint(gloss * sunlit, (0.25, 0.25, 0.25))
    return develop(light[margin:-margin, margin:-margin], (1600, 1067))
