from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kinds import opened, pixels_of
from PIL import Image
from samples import cameraman, coffee, decoded, encoded, likeness

from imgflow.frames import Picture
from imgflow.geometry import Box, Size
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.operations import apply_steps, largest_shrink, outline_steps, parse_steps
from imgflow.operations.cutting import cut
from imgflow.source import Source


@pytest.mark.parametrize(
    "fields",
    [
        {"x": 400, "y": 160, "width": 800, "height": 640},
        {"x": "25%", "y": "10%", "width": "50%", "height": "60%"},
        {"aspect": "1:1", "gravity": "southeast"},
        {"width": 1201, "height": 901},
        {"aspect": "1:1", "focus": [0.2, 0.4]},
    ],
)
def test_crop_then_resize_of_a_reduced_jpeg_looks_as_if_it_were_whole(
    fields: dict[str, Any],
) -> None:
    file = encoded(np.tile(coffee(), (3, 3, 1))[:1199, :1799], "JPEG", quality=95)
    steps = parse_steps([{"op": "crop", **fields}, {"op": "resize", "width": 150}])
    reduced = _opened_for(file, steps)
    assert reduced.reduced
    result = apply_steps(reduced, steps)
    assert result.size == outline_steps(Size(1799, 1199), steps)
    whole = apply_steps(opened(file), steps)
    assert likeness(pixels_of(result), pixels_of(whole)) > 0.92


@pytest.mark.parametrize("top", [30, 31, 32, 33])
def test_between_pixels_of_a_reduced_picture_nothing_moves(top: int) -> None:
    file = encoded(cameraman(), "JPEG", quality=95)
    steps = parse_steps(
        [
            {"op": "crop", "aspect": "16:9", "focus": [0.5, (top + 144) / 512]},
            {"op": "resize", "width": 200},
        ]
    )
    picture = _opened_for(file, steps)
    assert picture.pixel_size == (256, 256)
    pixels = pixels_of(apply_steps(picture, steps)).astype(float).reshape(113, 200)
    part = Image.fromarray(decoded(file)[top : top + 288])
    expected = np.asarray(part.resize((200, 113), Image.Resampling.LANCZOS)).astype(float)
    slope = np.gradient(expected, axis=0)
    assert abs(((pixels - expected) * slope).sum() / (slope * slope).sum()) < 0.08


@pytest.mark.parametrize("kind", ["16 bits", "alpha"])
def test_between_pixels_nothing_moves_in_deep_or_transparent_pictures(kind: str) -> None:
    pixels = cameraman()
    file = encoded(pixels.astype(np.uint16) * 257)
    if kind == "alpha":
        file = encoded(np.dstack([pixels, np.full_like(pixels, 255)]))
    whole = opened(file).random_access()
    reduced = whole.replace(image=whole.image.resize(0.5))
    for top in (31, 33):
        part = pixels_of(cut(reduced, Box(0, top, 512, 288)))
        halved = Image.fromarray(pixels[top : top + 288]).resize((256, 144), Image.Resampling.BOX)
        grey = part / 257 if kind == "16 bits" else part[..., 0]
        expected = np.asarray(halved).astype(float)
        slope = np.gradient(expected, axis=0)
        shift = ((grey.reshape(144, 256) - expected) * slope).sum() / (slope * slope).sum()
        assert abs(shift) < 0.1


def _opened_for(file: bytes, steps: Any) -> Picture:
    return open_picture(
        Source("test", data=file), DEFAULT_LIMITS, shrink=lambda size: largest_shrink(size, steps)
    )
