from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
import samples
from finishing import finished, opened, profile_of

from imgflow.encoders.jpeg import Jpeg
from imgflow.errors import EncodeError
from imgflow.finish import encode
from imgflow.image import open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS
from imgflow.source import Source


class Counting(Jpeg, frozen=True, tag="jpeg"):
    """JPEG that notes each time that it saves, and what metadata."""

    calls: ClassVar[list[int]] = []

    def encode(self, image: Any, keep: int) -> bytes:
        self.calls.append(keep)
        return super().encode(image, keep)


def test_a_photograph_without_profile_and_metadata_is_just_saved() -> None:
    """The bytes are those of libvips' saver alone: nothing is added, nothing done twice."""
    pixels = libvips().Image.new_from_array(samples.coffee()).copy(interpretation="srgb")
    bare = pixels.jpegsave_buffer(Q=85, interlace=True, optimize_coding=True, quant_table=2, keep=0)
    Counting.calls.clear()
    picture = open_picture(Source("in", data=samples.encoded(samples.coffee())), DEFAULT_LIMITS)

    result = encode(picture, Counting(effort=1), None, "srgb")

    assert result.data == bare
    assert Counting.calls == [0]


@pytest.mark.parametrize("target", ["png", "webp", "avif", "jpeg", "tiff"])
def test_no_profile_is_left_after_a_conversion_to_srgb(target: str) -> None:
    file = samples.encoded(samples.cat(), "JPEG", icc_profile=profile_of("Adobe RGB"))
    options = {"effort": 0} if target == "avif" else {}

    assert "icc_profile" not in opened(finished(file, {"format": target, **options}).data).info


@pytest.mark.parametrize("profile", ["srgb", "p3"])
def test_gray_stays_gray_without_profile(profile: Any) -> None:
    file = samples.encoded(samples.cameraman(), "PNG")

    result = opened(finished(file, {"format": "png"}, profile=profile).data)

    assert result.mode == "L"
    assert "icc_profile" not in result.info
    assert np.array_equal(np.asarray(result), samples.cameraman())


@pytest.mark.parametrize("profile", ["p3", "keep"])
def test_a_format_without_profiles_gets_srgb_and_says_so(profile: Any) -> None:
    wide = samples.encoded(samples.cat(), "PNG", icc_profile=profile_of("Adobe RGB"))
    plain = samples.encoded(samples.cat(), "PNG")

    converted = finished(wide, {"format": "gif"}, profile=profile)

    assert [note.code for note in converted.notes] == ["profile-converted"]
    assert finished(plain, {"format": "gif"}, profile=profile).notes == ()
    wanted = opened(finished(wide, {"format": "png"}).data)
    found = np.asarray(opened(converted.data).convert("RGB")).astype(int)
    assert np.abs(found.mean((0, 1)) - np.asarray(wanted).mean((0, 1))).max() < 3


def test_transparency_under_jpeg_in_tiff_says_what_to_do() -> None:
    file = samples.encoded(samples.with_alpha(samples.cat()))

    with pytest.raises(EncodeError, match="flatten it, or use lzw or deflate"):
        finished(file, {"format": "tiff", "compression": "jpeg"})


@pytest.mark.parametrize(("depth", "mode"), [(8, "L"), (16, "I;16"), (None, "I;16")])
def test_depth_of_a_tiff(depth: int | None, mode: str) -> None:
    ramp = np.linspace(0, 65535, 80 * 60).reshape(60, 80).astype(np.uint16)
    options = {} if depth is None else {"bit_depth": depth}

    result = opened(finished(samples.encoded(ramp), {"format": "tiff", **options}).data)

    assert result.mode == mode
    found = np.asarray(result).astype(int)
    assert np.abs(found - (ramp >> 8 if depth == 8 else ramp)).max() <= (1 if depth == 8 else 0)


@pytest.mark.parametrize("target", ["jpeg", "webp", "avif", "gif"])
def test_sixteen_bits_become_eight(target: str) -> None:
    ramp = np.linspace(0, 65535, 128 * 64).reshape(64, 128).astype(np.uint16)
    options = {"effort": 1} if target == "avif" else {}

    result = opened(finished(samples.encoded(ramp), {"format": target, **options}).data)

    assert np.abs(np.asarray(result.convert("L")).astype(int) - (ramp >> 8)).mean() < 2


@pytest.mark.parametrize("depth", [10, 12])
def test_deep_avif(depth: int) -> None:
    ramp = np.linspace(0, 65535, 128 * 64).reshape(64, 128).astype(np.uint16)

    data = finished(
        samples.encoded(ramp), {"format": "avif", "bit_depth": depth, "effort": 1, "quality": 95}
    ).data

    again = libvips().Image.new_from_buffer(data, "")
    assert again.format == "ushort"
    assert np.abs((again[0].numpy() >> 8).astype(int) - (ramp >> 8)).mean() < 2
    assert opened(data).size == (128, 64)
