"""JPEG by jpegli and in the smallest scans, and what is done where these libraries are not."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import samples
from finishing import finished, opened, profile_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, JpegImagePlugin

from imgflow.encoders import jpegli, optional, scans
from imgflow.encoders.jpeg import Jpeg
from imgflow.encoders.mozjpeg import PROGRESSIVE_ABOVE
from imgflow.libvips import libvips
from imgflow.nature import Nature

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEEP_PROFILE = 8
_MODULES = {"jpegli": "pyjpegli", "scans": "mozjpeg_lossless_optimization"}


@pytest.fixture
def fresh() -> Iterator[None]:
    """Look for the libraries anew, before and after."""
    optional.load.cache_clear()
    optional.version_of.cache_clear()
    yield
    optional.load.cache_clear()
    optional.version_of.cache_clear()


def vips(pixels: samples.Pixels) -> Any:
    """Return an image of libvips of RGB or gray pixels."""
    image = libvips().Image.new_from_array(pixels)
    return image.copy(interpretation="b-w" if pixels.ndim == 2 else "srgb")


def is_progressive(file: bytes) -> bool:
    """Look for the frame header of progressive DCT."""
    return "progressive" in opened(file).info


def sampling(file: bytes) -> int:
    """Return 0 for 4:4:4, 2 for 4:2:0, -1 where there is no colour."""
    return JpegImagePlugin.get_sampling(opened(file))


def test_jpegli_makes_the_file_and_mozjpeg_its_scans() -> None:
    import mozjpeg_lossless_optimization
    import pyjpegli

    pixels = samples.coffee()
    bare = pyjpegli.encode(pixels.tobytes(), 600, 400, 85)

    assert Jpeg().draft(vips(pixels), 0) == bare
    assert Jpeg().encode(vips(pixels), 0) == mozjpeg_lossless_optimization.optimize(bare)


@pytest.mark.parametrize("effort", ["fast", "balanced", "max", 0, 1, 2, 3])
@pytest.mark.parametrize("quality", [30, 85, 95])
@pytest.mark.parametrize("chroma", ["auto", "4:2:0", "4:4:4"])
@pytest.mark.parametrize("gray", [False, True])
def test_a_draft_has_the_pixels_of_the_file(
    effort: Any, quality: int, chroma: Any, gray: bool
) -> None:
    image = vips(samples.cameraman()[:200, :300] if gray else samples.cat()[:200, :300])
    encoder = Jpeg(effort=effort, quality=quality, chroma=chroma)

    draft, file = encoder.draft(image, 0), encoder.encode(image, 0)

    assert np.array_equal(samples.decoded(draft), samples.decoded(file))
    assert encoder.squeeze(draft) == file
    assert opened(file).mode == ("L" if gray else "RGB")
    assert sampling(file) == (-1 if gray else {"4:2:0": 2, "4:4:4": 0}[encoder.sampling])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    width=st.integers(1, 120),
    height=st.integers(1, 120),
    quality=st.integers(1, 100),
    effort=st.sampled_from(["fast", "balanced", "max"]),
    gray=st.booleans(),
)
def test_any_size_and_quality_gives_the_same_readable_file_each_time(
    width: int, height: int, quality: int, effort: Any, gray: bool
) -> None:
    pixels = samples.cameraman() if gray else samples.portrait()
    image = vips(pixels[:height, :width])
    encoder = Jpeg(effort=effort, quality=quality)

    file = encoder.encode(image, 0)

    assert encoder.encode(image, 0) == file
    assert opened(file).size == (width, height)
    if quality >= 85:
        wanted = pixels[:height, :width].astype(int)
        assert np.abs(samples.decoded(file).astype(int) - wanted).mean() < 12


@pytest.mark.parametrize("size", range(1, 18))
def test_small_sizes_keep_their_colour(size: int) -> None:
    for width, height in ((size, size), (size, 1), (1, size), (17, size)):
        flat = np.full((height, width, 3), (200, 90, 30), np.uint8)
        file = finished(samples.encoded(flat), {"format": "jpeg"}).data
        assert np.abs(samples.decoded(file).astype(int) - flat).max() <= 4


@pytest.mark.parametrize(("width", "height"), [(65500, 3), (3, 65500), (20000, 17)])
def test_the_longest_sides(width: int, height: int) -> None:
    ramp = np.linspace(0, 255, max(width, height)).astype(np.uint8)
    rows = ramp if width > height else ramp[:, None]
    pixels = np.broadcast_to(rows, (height, width))
    file = Jpeg().encode(vips(np.dstack([pixels, pixels, pixels[::-1, ::-1]])), 0)

    assert opened(file).size == (width, height)
    assert np.abs(samples.decoded(file)[..., 0].astype(int) - pixels).mean() < 2


@pytest.mark.parametrize("quality", [40, 85, 95])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_profile_is_in_the_file_and_in_its_draft(mode: str, quality: int) -> None:
    """One longer than a segment holds, too: it is a table of 90,000 bytes."""
    space = b"RGB " if mode == "RGB" else b"GRAY"
    short = profile_of("Display P3").replace(b"RGB ", space, 1)
    for profile in (short, short + bytes(range(256)) * 350):
        image = vips(samples.cat() if mode == "RGB" else samples.cameraman()).copy()
        image.set_type(libvips().GValue.blob_type, "icc-profile-data", profile)
        encoder = Jpeg(quality=quality)

        file, draft = encoder.encode(image, _KEEP_PROFILE), encoder.draft(image, _KEEP_PROFILE)

        assert opened(file).info["icc_profile"] == profile
        assert opened(draft).info["icc_profile"] == profile
        assert "icc_profile" not in opened(encoder.encode(image, 0)).info
        assert is_progressive(file)


def test_profile_and_metadata_of_a_source_are_kept() -> None:
    exif = Image.Exif()
    exif[0x8298] = "Jane Doe"
    profile = profile_of("Display P3")
    file = samples.encoded(samples.cat(), "JPEG", quality=95, icc_profile=profile, exif=exif)

    result = opened(finished(file, {"format": "jpeg"}, metadata="all", profile="keep").data)

    assert result.info["icc_profile"] == profile
    assert result.getexif()[0x8298] == "Jane Doe"
    assert "progressive" in result.info


def test_sixteen_bits_are_rounded_to_eight() -> None:
    deep = vips(samples.cat()).colourspace("rgb16")

    assert samples.decoded(Jpeg().encode(deep, 0)).dtype == np.uint8
    assert Jpeg().encode(deep, 0) == Jpeg().encode(vips(samples.cat()), 0)


def test_cmyk_stays_cmyk() -> None:
    source = Image.fromarray(samples.cat()).convert("CMYK")
    file = finished(samples.encoded(source, "JPEG", quality=98), {"format": "jpeg"}, None, "keep")

    result = opened(file.data)

    assert result.mode == "CMYK"
    assert "progressive" in result.info
    assert np.abs(np.asarray(result).astype(int) - np.asarray(source)).mean() < 4


@pytest.mark.parametrize("missing", [["jpegli"], ["scans"], ["jpegli", "scans"]])
@pytest.mark.usefixtures("fresh")
def test_without_its_libraries_mozjpeg_in_libvips_does(
    missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, _MODULES[name], None)
    image = vips(samples.coffee())

    draft, file = Jpeg().draft(image, 0), Jpeg().encode(image, 0)

    assert Jpeg(chroma="4:2:0").curve == "mozjpeg-4:2:0"
    assert Jpeg().squeeze(draft) == file
    assert is_progressive(file)
    assert sampling(file) == 2
    assert np.array_equal(samples.decoded(draft), samples.decoded(file))
    assert samples.likeness(samples.decoded(file), samples.coffee()) > 0.92
    assert len(file) < 1.01 * len(Jpeg(effort=3).encode(image, 0))
    assert len(Jpeg(effort="max").ways(Nature(), 80)) == 2


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SystemError])
@pytest.mark.usefixtures("fresh")
def test_where_jpegli_fails_mozjpeg_does(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a picture that can be read but once, too; its profile is there as well."""

    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setitem(sys.modules, "pyjpegli", SimpleNamespace(encode=fail))
    profile = profile_of("Display P3")
    source = samples.encoded(samples.coffee(), "PNG", icc_profile=profile)
    once = libvips().Image.new_from_buffer(source, "", access="sequential")

    file = Jpeg().encode(once, _KEEP_PROFILE)

    assert opened(file).info["icc_profile"] == profile
    assert samples.likeness(samples.decoded(file), samples.coffee()) > 0.92


@pytest.mark.usefixtures("fresh")
def test_a_draft_that_has_no_better_scans_is_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    import mozjpeg_lossless_optimization as library

    def fail(*_: object, **__: object) -> bytes:
        raise ValueError

    monkeypatch.setattr(library, "optimize", fail)
    image = vips(samples.coffee())

    assert Jpeg().encode(image, 0) == Jpeg().draft(image, 0)


@pytest.mark.usefixtures("fresh")
def test_pictures_too_large_for_memory_are_left_to_libvips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jpegli, "MEMORY_COPY_BYTES", 600 * 400 * 3 - 1)
    image = vips(samples.coffee())

    assert not jpegli.suits(image)
    assert len(Jpeg().encode(image, 0)) < 1.01 * len(Jpeg(effort=3).encode(image, 0))


@pytest.mark.usefixtures("fresh")
def test_the_versions_tell_what_is_installed() -> None:
    import importlib.metadata

    installed = [importlib.metadata.version(name) for name in (jpegli.PACKAGE, scans.PACKAGE)]

    assert Jpeg.versions() == (
        f"pyjpegli {installed[0]}",
        f"mozjpeg-lossless-optimization {installed[1]}",
    )
    assert optional.version_of("nobody-has-this-package") == "nobody-has-this-package none"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    width=st.integers(100, 512),
    height=st.integers(100, 512),
    share=st.floats(0, 1),
    quality=st.sampled_from([40, 75, 85, 92]),
)
def test_large_files_are_progressive_and_small_ones_baseline(
    width: int, height: int, share: float, quality: int
) -> None:
    """Small ones have Huffman tables of their own, which jpegli does not make."""
    pixels = samples.portrait()[:height, :width].copy()
    pixels[round(height * share) :] = 90
    image, encoder = vips(pixels), Jpeg(quality=quality)

    draft, file = encoder.draft(image, 0), encoder.encode(image, 0)

    assert not is_progressive(draft)
    assert is_progressive(file) == (len(draft) > PROGRESSIVE_ABOVE)
    assert len(file) <= PROGRESSIVE_ABOVE or is_progressive(file)
    baseline = Jpeg(quality=quality, progressive=False).encode(image, 0)
    assert not is_progressive(baseline)
    assert len(draft) > PROGRESSIVE_ABOVE or draft == baseline
    assert is_progressive(Jpeg(quality=quality, progressive=True).encode(image, 0))


@pytest.mark.parametrize("side", [24, 64, 128])
def test_small_files_are_about_as_small_as_can_be(side: int) -> None:
    """Standard Huffman tables alone are 420 bytes."""
    image = libvips().Image.thumbnail_image(vips(samples.portrait()), side)

    file = Jpeg().encode(image, 0)

    assert len(file) <= len(Jpeg(effort=1, progressive=False).encode(image, 0))
    assert len(file) <= 1.05 * len(Jpeg(effort=3).encode(image, 0))


@pytest.mark.parametrize("effort", ["fast", "balanced", "max", 1, 3])
@pytest.mark.parametrize("quality", [70, 92])
def test_a_file_of_the_same_encoder_is_recognised(effort: Any, quality: int) -> None:
    encoder = Jpeg(effort=effort, quality=quality)
    image = vips(samples.coffee())
    once = encoder.encode(image, 0)
    twice = encoder.encode(libvips().Image.new_from_buffer(once, ""), 0)

    assert encoder.repeats(once, twice)
    assert not encoder.repeats(encoder.at(quality - 5).encode(image, 0), twice)
    assert not encoder.repeats(samples.encoded(samples.coffee(), "JPEG", quality=quality), twice)
    assert not encoder.repeats(once[:40], twice)


def test_ways_in_the_order_of_likelihood() -> None:
    photo, drawing = Nature(), Nature(graphic=True)

    def ways(encoder: Jpeg, nature: Nature, score: float) -> list[str]:
        return [way.at(80).curve for way in encoder.ways(nature, score)]

    assert ways(Jpeg(), photo, 80) == ["jpegli", "mozjpeg-4:4:4"]
    assert ways(Jpeg(), photo, 95) == ["mozjpeg-4:4:4", "jpegli"]
    assert ways(Jpeg(), drawing, 80) == ["mozjpeg-4:4:4", "jpegli"]
    assert ways(Jpeg(effort="fast"), photo, 80) == ["libjpeg-4:2:0", "libjpeg-4:4:4"]
    assert ways(Jpeg(effort="max"), photo, 80) == ["jpegli", "mozjpeg-4:2:0", "mozjpeg-4:4:4"]
    assert ways(Jpeg(chroma="4:2:0"), photo, 95) == ["jpegli"]
    assert ways(Jpeg(chroma="4:2:0", effort="max"), photo, 80) == ["jpegli", "mozjpeg-4:2:0"]
    assert ways(Jpeg(chroma="4:4:4", effort="max"), photo, 80) == ["mozjpeg-4:4:4"]


def test_balanced_is_smaller_than_fast_at_no_worse_a_look() -> None:
    from imgflow.quality.reference import Reference

    for pixels in (samples.coffee(), samples.cat(), samples.portrait()):
        reference = Reference(vips(pixels))
        fast, balanced = (Jpeg(effort=effort).encode(vips(pixels), 0) for effort in ("fast", "max"))
        scores = [
            reference.score(libvips().Image.new_from_buffer(file, "")) for file in (fast, balanced)
        ]
        assert len(balanced) < 0.9 * len(fast)
        assert scores[1] > scores[0] - 2.5


def test_a_quality_means_what_it_means_to_libjpeg() -> None:
    from imgflow.quality.reference import Reference

    pictures = (samples.coffee(), samples.cat(), samples.portrait())
    references = [Reference(vips(pixels)) for pixels in pictures]
    for quality in (60, 75, 85, 89):
        gains = [
            reference.score(vips(samples.decoded(Jpeg(quality=quality).encode(vips(pixels), 0))))
            - reference.score(
                vips(samples.decoded(samples.encoded(pixels, "JPEG", quality=quality)))
            )
            for reference, pixels in zip(references, pictures, strict=True)
        ]
        assert abs(np.mean(gains)) < 2.5
