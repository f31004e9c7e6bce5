"""Files of at most so many bytes: the best that fit, or an error that says what was reached."""

from __future__ import annotations

import functools
import io
import re
from typing import Any

import graphics
import numpy as np
import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imgflow.encoders import parse_encoder
from imgflow.errors import EncodeError
from imgflow.finish import Encoded, encode
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.source import Source

MOST_ENCODES = 20


@functools.cache
def source(name: str) -> bytes:
    pixels = {
        "cat": samples.cat()[80:240, 120:320],
        "gray": samples.cameraman()[100:228, 100:260],
        "veiled": samples.with_alpha(samples.coffee()[100:228, 200:360]),
    }[name]
    exif = Image.Exif()
    exif[0x010E] = "A picture with a description that takes some bytes " * 20
    return samples.encoded(pixels, exif=exif)


def made(name: str, metadata: Any = None, **said: Any) -> Encoded:
    picture = open_picture(Source("in", data=source(name)), DEFAULT_LIMITS)
    return encode(picture, parse_encoder(said), metadata, "srgb")


@given(
    name=st.sampled_from(["cat", "gray", "veiled"]),
    form=st.sampled_from(["jpeg", "webp"]),
    quality=st.sampled_from([30, 80, 95, "good", "high"]),
    effort=st.sampled_from(["fast", "balanced"]),
    metadata=st.sampled_from([None, "all"]),
    cap=st.integers(200, 30_000),
)
@settings(max_examples=40, deadline=None)
def test_it_fits_or_says_why_not(cap: int, **said: Any) -> None:
    form = {"format": said["form"], "effort": said["effort"], "quality": said["quality"]}
    try:
        result = made(said["name"], said["metadata"], **form, max_bytes=cap)
    except EncodeError as error:
        least = re.search(
            r"at most (\d+) bytes, the least that was reached is (\d+)", error.message
        )
        assert least is not None
        assert int(least[1]) == cap < int(least[2])
        lowest = made(said["name"], said["metadata"], **form | {"quality": 1})
        assert len(lowest.data) > cap
        return
    assert len(result.data) <= cap
    assert result.encodes <= MOST_ENCODES
    free = made(said["name"], said["metadata"], **form)
    lowered = [note for note in result.notes if note.code == "quality-lowered"]
    if len(free.data) <= cap:
        assert result.data == free.data
        assert not lowered
    else:
        (note,) = lowered
        assert note.details["bytes"] == len(result.data)
        assert note.details["max_bytes"] == cap
        assert note.details["quality"] == result.findings["quality"]


@pytest.mark.parametrize("form", ["jpeg", "webp"])
@pytest.mark.parametrize("cap", [3_000, 6_000])
def test_it_is_nearly_full(form: str, cap: int) -> None:
    """A quality two steps higher would pass the cap."""
    result = (
        made("cat", format=form, quality=95, chroma="4:2:0", max_bytes=cap)
        if (form == "jpeg")
        else made("cat", format=form, quality=95, max_bytes=cap)
    )
    quality = result.findings["quality"]
    assert 1 < quality < 95
    said: dict[str, Any] = {"chroma": "4:2:0", "progressive": True} if form == "jpeg" else {}
    assert len(made("cat", format=form, quality=quality + 2, **said).data) > cap
    assert result.encodes <= 8


def test_more_bytes_are_better_pictures() -> None:
    caps = (2_000, 4_000, 7_000, "1MB")
    scores = [made("cat", format="jpeg", quality="high", max_bytes=cap).score or 0 for cap in caps]
    assert scores == sorted(scores)
    assert scores[-1] >= 79.5 > scores[0] > 0


def test_what_is_small_enough_is_left_alone() -> None:
    assert (
        made("cat", format="webp", quality=70, max_bytes="1MB").data
        == made("cat", format="webp", quality=70).data
    )


def test_what_was_reached_is_told() -> None:
    result = made("cat", format="jpeg", quality="high", max_bytes="4KB")
    (note,) = result.notes
    assert note.kind == "warning"
    assert re.fullmatch(
        r"jpeg: quality was lowered to \d+, a score of \d\d\.\d, for a file of at most 4000 bytes; "
        r"it has \d+",
        note.message,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"format": "webp", "quality": "lossless"},
        {"format": "webp", "lossless": True},
        {"format": "png", "quality": "lossless"},
    ],
)
def test_what_is_to_be_lossless_is_not_made_worse(said: dict[str, Any]) -> None:
    with pytest.raises(
        EncodeError, match=r"at most 900 bytes, the least that was reached is \d+, without loss; "
    ) as told:
        made("cat", **said, max_bytes=900)
    assert told.value.code == "over-max-bytes"


def test_metadata_counts() -> None:
    result = made("cat", "all", format="jpeg", quality=90, max_bytes=6_000)
    assert len(result.data) <= 6_000
    assert b"a description that takes" in result.data
    bare = made("cat", format="jpeg", quality=90, max_bytes=6_000)
    assert bare.findings["quality"] > result.findings["quality"]


def test_graphics_without_loss_where_that_fits() -> None:
    pixels = np.asarray(graphics.text_page().convert("RGB"))
    file = samples.encoded(pixels)
    encoder = parse_encoder({"format": "webp", "quality": 60, "max_bytes": "8KB"})
    result = encode(open_picture(Source("in", data=file), DEFAULT_LIMITS), encoder, None, "srgb")
    assert len(result.data) <= 8_000
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(result.data))), pixels)


def test_a_tiny_file_may_be_baseline() -> None:
    """Progressive scans, which a search usually has, cost a hundred bytes there."""
    plain = made("cat", format="jpeg", quality=1)
    result = made("cat", format="jpeg", quality=30, max_bytes=len(plain.data))
    assert result.data == plain.data
    assert [note.code for note in result.notes] == ["quality-lowered"]
