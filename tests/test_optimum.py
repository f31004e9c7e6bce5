"""Our files are within 5 % of the smallest that any setting of the encoder makes as good."""

from __future__ import annotations

from collections.abc import Callable

import graphics
import numpy as np
import pytest
import samples
from optima import MOST, Scene, geometric_mean
from PIL import Image


def photo(pixels: samples.Pixels, side: int = 300) -> Image.Image:
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    return image


PHOTOS: tuple[Callable[[], samples.Pixels], ...] = (samples.cat, samples.coffee, samples.portrait)
DRAWN = (graphics.chart, graphics.screenshot)


@pytest.fixture(scope="module")
def photos() -> list[Scene]:
    return [Scene(make.__name__, photo(make())) for make in PHOTOS]


@pytest.fixture(scope="module")
def drawings() -> list[Scene]:
    return [Scene(make.__name__, make().resize((240, 160), Image.Resampling.BOX)) for make in DRAWN]


@pytest.mark.slow
@pytest.mark.parametrize("goal", ["good", "high"])
@pytest.mark.parametrize("name", ["jpeg", "webp"])
def test_lossy_files_are_near_the_optimum(photos: list[Scene], name: str, goal: str) -> None:
    matches = [scene.matched({"format": name, "quality": goal}) for scene in photos]

    assert geometric_mean(match.ratio for match in matches) <= MOST, matches


@pytest.mark.slow
def test_lossless_png_is_near_the_best_optimisers(drawings: list[Scene]) -> None:
    small = Scene("cat", photo(samples.cat(), 150))
    matches = [scene.matched({"format": "png"}) for scene in (*drawings, small)]

    assert all(match.score == 100 for match in matches)
    assert geometric_mean(match.ratio for match in matches) <= MOST, matches


def test_a_scene_knows_what_is_exact(photos: list[Scene]) -> None:
    scene = photos[0]

    assert scene.score(scene.ours({"format": "png"})) == 100
    assert scene.score(scene.ours({"format": "jpeg", "quality": 90})) < 97
    assert np.isfinite(scene.score(scene.ours({"format": "jpeg", "quality": 5})))
