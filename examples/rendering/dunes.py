"""Sand dunes at dusk."""

import numpy as np
from PIL import Image

from .camera import Camera
from .film import develop
from .light import Array, blur, mix, smooth, tint
from .noise import fractal
from .relief import Field, shadow


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
