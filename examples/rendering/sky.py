"""The night sky over a forest."""

import numpy as np
from PIL import Image

from .film import develop
from .light import Array, blur, mix, smooth
from .noise import fractal


def conifers(rng: np.random.Generator, width: int, height: int, count: int) -> Array:
    """Return the mask (1 is tree) of a row of conifers along the lower edge."""
    y, x = np.mgrid[:height, :width]
    ground = height * (0.95 + 0.006 * fractal(54, (1, width), 1.5)[0])
    mask = np.where(y > ground, 1.0, 0.0)
    for middle in rng.integers(0, width, count):
        tall = height * rng.uniform(0.05, 0.17) * (0.75 + 0.6 * abs(2 * middle / width - 1.1))
        near = np.s_[:, max(0, middle - 80) : middle + 80]
        aside = np.abs(x[near] - middle)
        down = np.maximum((y[near] - 0.5 * aside - ground[middle]) / tall + 1, 0)
        tier = 0.45 + 0.55 * ((down * rng.integers(11, 19) + rng.random()) % 1)
        reach = down**0.9 * tier * tall * rng.uniform(0.16, 0.24)
        mask[near][(down > 0) & (aside < reach * rng.uniform(0.7, 1.2, (height, 1)) + 1)] = 1
    return mask


def stars(rng: np.random.Generator, band: Array, count: int) -> Array:
    """Return the light of stars that crowd where ``band`` is bright."""
    y, x = rng.integers(0, band.shape, (count, 2)).T
    keep = rng.random(count) < 0.25 + 0.75 * band[y, x]
    power = np.minimum(0.25 * (rng.pareto(1.35, count) + 0.3), 90) * keep
    warmth, colours = rng.uniform(-0.3, 0.3, count), []
    for sign in (1, 0, -1):
        points = np.zeros(band.shape)
        np.add.at(points, (y, x), power * (1 + sign * warmth))
        colours.append(3 * blur(points, 0.8) + 1.6 * blur(np.maximum(points - 6, 0), 2.5))
    return np.stack(colours, axis=-1)


def milky_way() -> Image.Image:
    """Picture the Milky Way over conifers: a portrait."""
    width, height, rng = 1400, 2100, np.random.default_rng(51)
    cloud, fine = (fractal(seed, (height, width), slope) for seed, slope in ((52, 1.5), (53, 1.25)))
    y, x = np.mgrid[:height, :width] / width
    across = 0.9 * (x - 0.42) + 0.42 * (y - 0.75) + 0.05 * (y - 0.7) ** 2 + 0.02 * cloud
    core = np.exp(-((y - 1.05) ** 2) / 0.18)
    lane = np.exp(-(((across + 0.012 * fine + 0.02) / (0.03 + 0.03 * core)) ** 2))
    dust = smooth(0.1, 2.2, fine + 1.9 * lane) * np.exp(-((across / 0.13) ** 2))
    glow = np.exp(0.28 * cloud + 0.12 * fine - (across / (0.12 + 0.06 * core)) ** 2)
    glow *= (0.5 + 0.5 * core) * (1 - 0.85 * dust)
    light = mix((0.012, 0.02, 0.042), (0.047, 0.08, 0.1), smooth(0.7, 1.5, y))
    light += mix((0.16, 0.19, 0.27), (0.36, 0.26, 0.2), core) * glow[..., None]
    light += stars(rng, np.clip(glow, 0, 1), 26000) * (1 - 0.6 * dust)[..., None]
    trees = blur(conifers(rng, width, height + 20, 90), 0.7)[10:-10]
    return develop(mix(light, (0.002, 0.003, 0.004), trees), (width, height))
