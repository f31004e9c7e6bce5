"""Wooded mountains at dawn."""

import numpy as np
from PIL import Image

from .camera import Camera
from .film import develop
from .light import mix, smooth, tint
from .noise import fractal
from .relief import Field


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
