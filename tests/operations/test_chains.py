"""Chains of any steps on any kind of picture: a file of the size foretold, or a known error."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import MAKERS, kind_file
from PIL import Image
from random_recipes import SCHEMA, values

from imgflow.encoders import parse_encoder
from imgflow.errors import ImgflowError
from imgflow.finish import encode
from imgflow.geometry import Size
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.operations import (
    Operation,
    apply_steps,
    largest_shrink,
    outline_steps,
    parse_steps,
)
from imgflow.source import Source

#: More pixels than this a frame are not made here: it would take long.
MOST_PIXELS = 200_000
ENCODERS: tuple[dict[str, Any], ...] = (
    {"format": "jpeg"},
    {"format": "png", "compression": 1},
    {"format": "webp", "effort": 0},
    {"format": "gif", "effort": 1},
    {"format": "tiff"},
)
STEPS = st.lists(values(SCHEMA["definitions"]["step"]), min_size=1, max_size=4)


def is_small(size: Size, steps: tuple[Operation, ...]) -> bool:
    """Tell whether no step makes much of a picture; steps of unknown outcome make it smaller."""
    for step in steps:
        size = step.outline(size) or size
        if size.width * size.height > MOST_PIXELS:
            return False
    return True


def made(kind: str, chain: list[dict[str, Any]], options: dict[str, Any]) -> None:
    steps = parse_steps(chain)
    picture = open_picture(
        Source(kind, data=kind_file(kind)),
        DEFAULT_LIMITS,
        shrink=lambda size: largest_shrink(size, steps),
    )
    if not is_small(picture.size, steps):
        return
    after = apply_steps(picture, steps)
    result = encode(after, parse_encoder(options), "copyright", "srgb")
    assert outline_steps(picture.size, steps) in {None, after.size}
    if options["format"] == "tiff" and after.srgb().image.bands == 2:  # Pillow reads 8 bits only
        return
    image = Image.open(io.BytesIO(result.data))
    image.load()
    assert image.size == after.size
    assert getattr(image, "n_frames", 1) <= result.frames


@pytest.mark.usefixtures("watermark")
@settings(
    max_examples=250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(kind=st.sampled_from([*MAKERS]), chain=STEPS, options=st.sampled_from(ENCODERS))
def test_makes_a_file_or_says_why_not(
    kind: str, chain: list[dict[str, Any]], options: dict[str, Any]
) -> None:
    with contextlib.suppress(ImgflowError):
        made(kind, chain, options)
