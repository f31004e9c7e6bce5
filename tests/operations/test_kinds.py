from __future__ import annotations

import io

import numpy as np
import pytest
from kinds import HEIGHT, MAKERS, WIDTH, kind_file, kind_picture, photo
from PIL import Image, ImageOps
from samples import likeness


@pytest.mark.parametrize("kind", [f"exif-{number}" for number in range(1, 9)])
def test_orientations_show_the_same_picture(kind: str) -> None:
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(kind_file(kind))))
    assert likeness(np.asarray(upright), np.asarray(photo())) > 0.94


@pytest.mark.parametrize("kind", MAKERS)
def test_opens_at_its_size(kind: str) -> None:
    expected = {"1x1": (1, 1), "1x5000": (1, 5000), "5000x1": (5000, 1)}
    assert kind_picture(kind).size == expected.get(kind, (WIDTH, HEIGHT))
