"""Render the example pictures of imgflow: ``python examples/render_photos.py [DIR]``.

The pictures (default place: ``photos/`` beside this script) are computed from fractal noise and
height maps with fixed seeds: the scenes are the same on every run, and nobody holds rights in them.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

Array = NDArray[np.float64]
Colour = tuple[float, float, float]  # in linear light
Stones = list[tuple[float, float, float]]


def fractal(
    seed: int, shape: tuple[int, int], slope: float, *, aspect: float = 1, low: float = 0
) -> Array:
    """Return periodic noise of spectrum ``frequency ** -slope``, ``low`` cycles and up.

    ``aspect`` stretches it along x.
    """
    fy = np.fft.fftfreq(shape[0])[:, None] * max(shape)
    fx = np.fft.rfftfreq(shape[1]) * max(shape) * aspect
    frequency = np.maximum(np.hypot(fx, fy), 0.5)
    gain = np.where(frequency >= low, frequency**-slope, 0)
    gain[0, 0] = 0
    white = np.fft.rfft2(np.random.default_rng(seed).standard_normal(shape))
    noise = np.fft.irfft2(white * gain, s=shape)
    return np.asarray(noise / noise.std())


def blur(image: Array, sigma: float) -> Array:
    """Return one band after a Gaussian blur of ``sigma`` pixels that wraps around."""
    fy, fx = np.fft.fftfreq(image.shape[0])[:, None], np.fft.rfftfreq(image.shape[1])
    gain = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    return np.asarray(np.fft.irfft2(np.fft.rfft2(image) * gain, s=image.shape))


def smooth(low: float, high: float, value: Array) -> Array:
    """Step smoothly from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def tint(level: Array, colour: Colour) -> Array:
    """Return light of one colour and the given brightness."""
    return np.asarray(level[..., None] * np.array(colour))


def mix(first: Array | Colour, second: Array | Colour, share: Array) -> Array:
    """Blend two colours or pictures; ``share`` (one band) is that of the second."""
    return np.asarray(first + np.subtract(second, first) * share[..., None])


def slopes(height: Array) -> tuple[Array, Array]:
    """Return the x and y derivatives, per cell, of a wrapping height map."""
    return (
        (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / 2,
        (np.roll(height, -1, 0) - np.roll(height, 1, 0)) / 2,
    )


def shadow(height: Array, rise: float) -> Array:
    """Return how deep each cell lies in the shadow of light that climbs ``rise`` per cell of x."""
    twice = np.concatenate([height, height], axis=1)
    ramp = np.arange(twice.shape[1]) * rise
    roof = np.maximum.accumulate(twice + ramp, axis=1) - ramp
    return np.asarray((roof - twice)[:, height.shape[1] :])


class Field(NamedTuple):
    """A wrapping map of some quantity, ``scale`` cells to the unit of length."""

    cells: Array
    scale: float

    def at(self, x: Array, y: Array) -> Array:
        """Look the quantity up at any positions, with bilinear interpolation."""
        rows, columns = self.cells.shape
        left, top = np.floor(x * self.scale), np.floor(y * self.scale)
        u, v = x * self.scale - left, y * self.scale - top
        left, right = (left.astype(np.int64) + step for step in (0, 1))
        first, second = ((top.astype(np.int64) + step) % rows * columns for step in (0, 1))
        flat, left, right = self.cells.ravel(), left % columns, right % columns
        upper = flat[first + left] * (1 - u) + flat[first + right] * u
        return np.asarray(
            upper * (1 - v) + (flat[second + left] * (1 - u) + flat[second + right] * u) * v
        )

    def slopes(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the derivatives along x and y at any positions."""
        dx, dy = (Field(d * self.scale, self.scale).at(x, y) for d in slopes(self.cells))
        return dx, dy


class Sight(NamedTuple):
    """What a camera sees: per pixel the ray's slopes, the ground's x and z, and if it is ground."""

    across: Array
    up: Array
    x: Array
    z: Array
    land: NDArray[np.bool_]


class Camera(NamedTuple):
    """A camera that looks along +z over a landscape."""

    size: tuple[int, int]
    horizon: float
    focal: float
    altitude: float
    reach: tuple[float, float]

    def look(self, ground: Callable[[Array, Array], Array], steps: int = 2000) -> Sight:
        """Follow the rays through all pixels to the ground, whose height ``ground(x, z)`` gives."""
        width, height = self.size
        across = (np.arange(width) + 0.5 - width / 2) / (width * self.focal)
        up = (height * self.horizon - np.arange(height) - 0.5) / (width * self.focal)
        depth = np.geomspace(*self.reach, steps)
        x, z = depth[:, None] * across, np.repeat(depth[:, None], width, axis=1)
        seen = np.maximum.accumulate((ground(x, z) - self.altitude) / z, axis=0)
        hit = np.stack([np.interp(up, seen[:, i], depth, right=np.inf) for i in range(width)], 1)
        z = np.minimum(hit, self.reach[1])
        return Sight(across + 0 * z, up[:, None] + 0 * z, z * across, z, np.isfinite(hit))


def develop(light: Array, size: tuple[int, int], grain: float = 1.5) -> Image.Image:
    """Turn linear light into a picture: vignette, film curve, final size and grain."""
    y, x = (np.linspace(-1, 1, count) for count in light.shape[:2])
    lit = 0.8 * np.maximum(light, 0) * (1 - 0.2 * (x**2 + y[:, None] ** 2))[..., None]
    curve = np.clip(lit * (2.51 * lit + 0.03) / (lit * (2.43 * lit + 0.59) + 0.14), 0, 1)
    picture = Image.fromarray((255 * curve ** (1 / 2.2)).astype(np.uint8))
    pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
    noise = np.random.default_rng(1).standard_normal((size[1], size[0], 1))
    return Image.fromarray((np.clip(pixels + grain * noise, 0, 255)).astype(np.uint8))


def misty_ridges() -> Image.Image:
    """Picture wooded mountains at dawn, with fog in the valleys."""
    camera = Camera((2400, 1600), 0.34, 1.25, 3.4, (2.5, 80))
    base = fractal(11, (1024, 1024), 1.9, low=2)
    hills = Field(1.7 - 1.3 * np.abs(base) + 0.5 * fractal(12, (1024, 1024), 1.7), 26)
    woods = Field(np.abs(fractal(13, (1024, 1024), 0.7, low=60)), 110)
    across, up, x, z, land = camera.look(lambda x, z: hills.at(x, z) + 0.018 * woods.at(x, z))
    sun = np.exp(-np.hypot(across + 0.12, 1.3 * (up - 0.035)) / 0.12)
    haze = mix((0.2, 0.27, 0.42), (1.5, 0.66, 0.28), np.clip(sun * 1.2, 0, 1))
    sky = mix(haze, (0.06, 0.14, 0.36), smooth(-0.02, 0.34, up) * (1 - 0.5 * sun))
    cloud = smooth(-0.3, 2, fractal(14, up.shape, 1.5, aspect=4)) * smooth(0, 0.2, up)
    sky = mix(sky, haze * 1.25 + 0.1, 0.6 * cloud) + tint(sun**4, (3, 2, 1))
    dx, dz = hills.slopes(x, z)
    facing = np.clip(0.25 - 0.3 * dx + 0.25 * dz, 0.03, 1) * (0.4 + 0.6 * woods.at(x, z))
    ground = tint(facing, (0.06, 0.052, 0.026)) + np.array((0.002, 0.006, 0.011))
    y = np.maximum(camera.altitude + z * up, -1)
    column = (np.exp(-y / 0.42) - np.exp(-camera.altitude / 0.42)) / (camera.altitude - y + 1e-9)
    drift = np.exp(0.4 * Field(base, 9).at(x + 33, z))
    fog = 1 - np.exp(-z * (0.018 + 0.17 * np.maximum(column, 0) * drift))
    light = np.where(land[..., None], mix(ground, haze * 0.9, fog), sky)
    return develop(light, (2160, 1440))


def dune_map(cells: int) -> tuple[Array, Array]:
    """Return the heights of dunes with a long windward and a steep lee side, and their bends."""
    bend = fractal(22, (cells, cells), 2.6)
    y, x = np.mgrid[:cells, :cells] / cells
    phase = (7 * x + 3 * y + 0.6 * bend) % 1
    top = 0.66
    profile = np.where(phase < top, (phase / top) ** 1.4, ((1 - phase) / (1 - top)) ** 1.25)
    swell = 0.6 + 0.4 * np.tanh(fractal(23, (cells, cells), 2.2))
    heights = blur(30 * swell * profile + 5 * bend, 1)
    return np.roll(heights, (-584, -1290), (0, 1)), np.roll(bend, (-584, -1290), (0, 1))


def dunes_at_dusk() -> Image.Image:
    """Picture sand dunes lit from the left by a low sun, with ripples and long shadows."""
    heights, bend = dune_map(2048)
    dunes, shade = Field(heights, 2), Field(blur(shadow(heights, 0.1), 1.5), 2)
    camera = Camera((2400, 1600), 0.27, 1, 18.2, (5, 2600))
    across, up, x, z, land = camera.look(dunes.at)
    dx, dz = dunes.slopes(x, z)
    wander = 13 * Field(bend, 6).at(x, z) + 1.5 * Field(fractal(24, (512, 512), 1.6), 8).at(x, z)
    dx += 0.16 * np.sin(8 * x + 2.5 * z + wander) * np.exp(-z / 45)
    dx += 0.05 * Field(fractal(25, (1024, 1024), 0.5), 40).at(x, z) * np.exp(-z / 100)
    steep = np.sqrt(1 + dx**2 + dz**2)
    sunlit = np.maximum(0.28 + 0.95 * dx + 0.1 * dz, 0) * (1 - smooth(0, 1.2, shade.at(x, z)))
    sand = tint(sunlit / steep, (1.7, 0.6, 0.18)) + tint(1 / steep, (0.06, 0.045, 0.06))
    glow = np.exp(-((across + 0.5) ** 2) / 0.3)
    haze = mix((0.4, 0.25, 0.28), (1.2, 0.5, 0.17), glow)
    sky = mix(haze, (0.06, 0.11, 0.26), smooth(-0.03, 0.26, up))
    cloud = smooth(0.2, 2.4, fractal(26, up.shape, 1.7, aspect=5)) * smooth(0, 0.1, up)
    sky = mix(sky, tint(0.6 + glow, (1.1, 0.5, 0.36)), 0.6 * cloud)
    light = np.where(land[..., None], mix(sand, haze * 0.8, 1 - np.exp(-z / 1400)), sky)
    return develop(light, (2000, 1333))


def sea_sky(across: Array, up: Array) -> Array:
    """Return the evening sky in a direction (slopes to the right and upwards)."""
    sun = np.exp(-np.hypot(across - 0.1, up - 0.1) / 0.06)
    sky = mix((0.36, 0.33, 0.42), (0.06, 0.15, 0.36), smooth(0, 0.5, up))
    warm = np.exp(-((across - 0.1) ** 2) / 0.2 - np.maximum(up, 0) / 0.16)
    return mix(sky, (1.3, 0.55, 0.2), 0.9 * warm) + tint(sun**2.5, (7, 4.6, 2.2))


def waves() -> Image.Image:
    """Picture the open sea in the evening, with sun glitter and a headland."""
    swell = Field(0.5 * np.exp(0.45 * fractal(31, (1024, 1024), 2.4, aspect=2.2, low=7)), 7)
    chop = fractal(32, (1024, 1024), 1.75, aspect=1.4, low=12)
    camera = Camera((2400, 1600), 0.36, 0.9, 3.6, (4, 6000))
    across, up, x, z, land = camera.look(lambda x, z: swell.at(x, z) * np.exp(-z / 1500))
    (dx, dz), (ax, az), (bx, bz) = (
        Field(cells, scale).slopes(x, z)
        for cells, scale in ((swell.cells, 7), (chop * 0.022, 40), (chop * 0.0044, 160))
    )
    calm = 1 / (1 + z / 900)
    fine = np.exp(-z / 60)  # ripples too far away to be seen one by one
    dx, dz = (dx + ax + bx * fine) * calm, (dz + az + bz * fine) * calm
    facing = np.clip((dz - up) / np.sqrt((1 + dx**2 + dz**2) * (1 + up**2)), 0, 1)
    water = mix((0.012, 0.05, 0.07), (0.022, 0.11, 0.125), smooth(0.5, 1.6, swell.at(x, z)))
    mirrored = sea_sky(across - 2 * dx * facing, np.abs(dz - 2 * up + 0.05))
    water = mix(water, mirrored, 0.02 + 0.98 * (1 - facing) ** 5)
    crest = 0.09 * smooth(0.05, 0.5, -across) + 0.012 * fractal(34, (1, up.shape[1]), 1.2)
    rock = 1 + 0.25 * fractal(35, up.shape, 1.1)
    rock = tint(rock, (0.05, 0.045, 0.06)) + tint(np.exp(-up / 0.02), (0.13, 0.08, 0.06))
    cliff = up < crest * smooth(0.12, 0.2, -across)
    light = np.where(cliff[..., None], rock, sea_sky(across, up))
    return develop(np.where(land[..., None], water, light), (1600, 1067))


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
    tones = (
        (0.16, 0.17, 0.19),
        (0.3, 0.29, 0.27),
        (0.07, 0.08, 0.095),
        (0.32, 0.26, 0.19),
        (0.55, 0.52, 0.47),
        (0.25, 0.155, 0.12),
        (0.18, 0.2, 0.18),
    )
    level = np.exp(0.2 * speckle + rng.normal(0, 0.05, x.shape)) * rng.uniform(0.75, 1.25)
    vein = along * rng.uniform(0.4, 1) + 0.25 * across**2 + rng.uniform(-0.4, 0.4) + 0.02 * speckle
    share = 0.8 * np.exp(-((vein / 0.035) ** 2)) * (4 * rng.random() < 1)
    return height, mix(tint(level, tones[rng.integers(len(tones))]), (0.6, 0.58, 0.54), share)


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


SCENES: dict[str, Callable[[], Image.Image]] = {
    "misty-ridges.jpg": misty_ridges,
    "dunes-at-dusk.jpg": dunes_at_dusk,
    "coast/waves.jpg": waves,
    "pebbles.jpg": pebbles,
    "milky-way.jpg": milky_way,
    "maple-leaf.png": maple_leaf,
}
PLACE = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (24.0, 44.0, 30.0),
    GPS.GPSLongitudeRef: "W",
    GPS.GPSLongitude: (15.0, 17.0, 6.0),
}


def main() -> None:
    """Write all pictures to the directory named on the command line."""
    target = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("photos")
    for name, render in SCENES.items():
        picture, exif = render(), Image.Exif()
        if render is dunes_at_dusk:
            exif[Base.Copyright], exif[Base.Artist] = "Example photos, CC0", "imgflow"
            exif[IFD.GPSInfo] = PLACE
        elif render is milky_way:  # stored on its side, to be turned when displayed
            picture = picture.transpose(Image.Transpose.ROTATE_90)
            exif[Base.Orientation] = 6
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        picture.save(target / name, quality=78, optimize=True, exif=exif)
        print(f"{name}: {picture.width}x{picture.height}")


if __name__ == "__main__":
    main()
