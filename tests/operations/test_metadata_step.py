from __future__ import annotations

import io
from typing import Any

import pytest
from kinds import opened, photo
from PIL import Image
from samples import encoded

from imgflow.encoders import parse_encoder
from imgflow.errors import RecipeError
from imgflow.finish import encode
from imgflow.geometry import Size
from imgflow.operations import apply_steps, parse_steps
from imgflow.operations.metadata import Metadata
from imgflow.operations.operation import ANY_SHRINK

COPYRIGHT, MODEL = 0x8298, 0x0110


def tags_after(*steps: dict[str, Any], policy: str = "copyright") -> dict[int, Any]:
    exif = Image.Exif()
    exif[COPYRIGHT], exif[MODEL] = "Example Studio", "Pinhole 1"
    picture = opened(encoded(photo(), "JPEG", exif=exif))
    picture = apply_steps(picture, parse_steps(steps))
    file = encode(picture, parse_encoder({"format": "jpeg"}), policy, "srgb").data
    return dict(Image.open(io.BytesIO(file)).getexif())


def test_keeps_what_is_named() -> None:
    tags = tags_after({"op": "metadata", "keep": ["copyright", "exif"]})
    assert tags[COPYRIGHT] == "Example Studio"
    assert tags[MODEL] == "Pinhole 1"


def test_keeps_nothing_where_nothing_is_named() -> None:
    assert tags_after({"op": "metadata", "keep": []}) == {}


def test_beats_the_policy_of_the_output() -> None:
    assert MODEL not in tags_after({"op": "metadata", "keep": ["copyright"]}, policy="all")


def test_the_last_one_wins() -> None:
    steps = {"op": "metadata", "keep": ["exif"]}, {"op": "flop"}, {"op": "metadata", "keep": []}
    assert tags_after(*steps) == {}


def test_leaves_pixels_alone() -> None:
    step = Metadata(keep=())
    assert not step.changes_pixels
    assert step.shrink(Size(9, 9)) == ANY_SHRINK
    assert step.outline(Size(9, 7)) == (9, 7)


def test_refuses_unknown_groups() -> None:
    with pytest.raises(RecipeError, match="keep"):
        Metadata.parse({"op": "metadata", "keep": ["everything"]})
