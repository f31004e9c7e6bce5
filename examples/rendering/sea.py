"""The sea in the evening."""

import numpy as np
from PIL import Image

from .camera import Camera
from .film import develop
from .light import Array, mix, smooth, tint
from .noise import fractal
from .relief import Field


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
