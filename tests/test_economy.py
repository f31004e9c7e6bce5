"""What optimize makes of files: never more bytes, nothing twice, no pixel unless it may."""

from __future__ import annotations

import io
from typing import Any

import kinds
import numpy as np
import pytest
import samples
from finishing import profile_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from imgflow import ImageProcessor
from imgflow.containers.marks import read_mark
from imgflow.errors import SourceError
from imgflow.quality.comparison import FilePair
from imgflow.source import Source

POLICIES = ["copyright", "none", "all", {"keep": ["exif", "gps"]}]
COPYRIGHT, MAKE, ORIENTATION = 0x8298, 0x010F, 0x0112


def optimized(file: bytes, metadata: Any = "copyright", **step: Any) -> bytes:
    """Optimize as the command does: nothing is turned."""
    chain = [{"op": "optimize", **step}]
    return ImageProcessor(metadata=metadata, orient=False).process(file, chain).data


def codes(file: bytes, **step: Any) -> list[str]:
    chain = [{"op": "optimize", **step}]
    return [note.code for note in ImageProcessor(orient=False).process(file, chain).notes]


def photo(fmt: str = "JPEG", **options: Any) -> bytes:
    return samples.encoded(samples.cat()[:160, :200], fmt, **options)


def told() -> bytes:
    block = Image.Exif()
    block[COPYRIGHT], block[MAKE] = "(c) me", "Camera " * 9
    return block.tobytes()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["jpeg", "png", "webp", "gif", "tiff"]),
    mode=st.sampled_from(["RGB", "L", "RGBA", "P", "CMYK"]),
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    lossless=st.booleans(),
    tagged=st.booleans(),
    policy=st.sampled_from(POLICIES),
)
def test_lossless_never_grows_keeps_every_pixel_and_is_done_once(  # noqa: PLR0913, PLR0917
    kind: str,
    mode: str,
    width: int,
    height: int,
    lossless: bool,
    tagged: bool,
    policy: Any,
) -> None:
    allowed = {"jpeg": ("RGB", "L", "CMYK"), "png": ("RGB", "L", "RGBA", "P")}
    mode = mode if mode in allowed.get(kind, ("RGB", "RGBA")) else "RGB"
    image = Image.fromarray(samples.with_alpha(samples.cat())[90 : 90 + height, 90 : 90 + width])
    options: dict[str, Any] = {"lossless": lossless} if kind == "webp" else {}
    if tagged and kind in {"jpeg", "png", "webp"}:
        options["exif"] = told()
    shown = image if kind == "gif" else image.convert("RGB").convert(mode)
    file = samples.encoded(shown if mode != "RGBA" else image, kind.upper(), **options)

    data = optimized(file, policy)

    assert len(data) <= len(file)
    assert np.array_equal(samples.decoded(data, "RGBA"), samples.decoded(file, "RGBA"))
    assert optimized(data, policy) == data


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_metadata_goes_as_the_policy_says(fmt: str) -> None:
    file = photo(fmt, exif=told())

    tags = {
        str(policy): dict(Image.open(io.BytesIO(optimized(file, policy))).getexif())
        for policy in POLICIES
    }

    assert tags["copyright"] == {COPYRIGHT: "(c) me"}
    assert tags["none"] == {}
    assert tags["all"].keys() >= {COPYRIGHT, MAKE}


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB", "sRGB"])
@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_a_profile_that_says_something_stays(name: str, fmt: str) -> None:
    file = photo(fmt, icc_profile=profile_of(name))

    data = optimized(file)

    kept = Image.open(io.BytesIO(data)).info.get("icc_profile")
    assert kept == (None if name == "sRGB" else profile_of(name))
    assert np.array_equal(samples.decoded(data), samples.decoded(file))


@pytest.mark.parametrize("orient", [True, False])
def test_a_turned_picture_keeps_its_tag_and_its_pixels(orient: bool) -> None:
    file = kinds.kind_file("exif-6")

    data = ImageProcessor(orient=orient).process(file, [{"op": "optimize"}]).data

    assert Image.open(io.BytesIO(data)).getexif()[ORIENTATION] == 6
    assert np.array_equal(samples.decoded(data), samples.decoded(file))


@pytest.mark.parametrize(
    ("fmt", "options"),
    [("JPEG", {"quality": 97}), ("WEBP", {"quality": 97}), ("AVIF", {"quality": 97, "speed": 8})],
)
def test_lossy_output_is_marked_and_never_compressed_again(fmt: str, options: Any) -> None:
    file, kind = photo(fmt, **options), fmt.lower()

    once = optimized(file, quality="good")

    assert len(once) < 0.9 * len(file)
    assert read_mark(once, kind) == "imgflow:1 quality=good"
    seen, expected = samples.decoded(once, "RGB"), samples.decoded(file, "RGB")
    assert samples.likeness(seen, expected) > 0.9
    assert optimized(once, quality="good") == once
    assert optimized(once, quality=5) == once
    assert optimized(once, quality="good", metadata="none") == once
    assert optimized(once) == once
    assert "compressed-before" in codes(once, quality="good")


def test_a_marked_file_is_repacked_without_loss_and_keeps_its_mark() -> None:
    once = optimized(photo(quality=97), quality="good")
    wordy = io.BytesIO()
    Image.open(io.BytesIO(once)).save(
        wordy, "JPEG", quality="keep", comment=b"imgflow:1 quality=good", exif=told()
    )

    data = optimized(wordy.getvalue())

    assert len(data) < len(wordy.getvalue())
    assert read_mark(data, "jpeg") == "imgflow:1 quality=good"
    assert optimized(data) == optimized(data, quality=20) == data


def test_a_loss_must_be_worth_it() -> None:
    file = photo(quality=30, optimize=True, progressive=True)

    data = optimized(file, quality="visually-lossless")

    assert np.array_equal(samples.decoded(data), samples.decoded(file))
    assert read_mark(data, "jpeg") == ""
    assert len(data) <= len(file)


@pytest.mark.parametrize(("quality", "word"), [(40, "40"), ({"score": 72.5}, "score:72.5")])
def test_the_mark_says_what_was_asked_for(quality: Any, word: str) -> None:
    data = optimized(photo(quality=97), quality=quality)
    assert read_mark(data, "jpeg") == f"imgflow:1 quality={word}"


def test_a_png_that_lost_nothing_has_no_mark() -> None:
    data = optimized(photo("PNG"), quality=85)
    assert np.array_equal(samples.decoded(data, "RGB"), samples.cat()[:160, :200])
    assert read_mark(data, "png") == ""
    assert optimized(data, quality=85) == data


@pytest.mark.parametrize("quality", ["lossless", "good"])
def test_what_an_encoder_cannot_keep_is_left_alone(quality: str) -> None:
    ultra = photo(quality=97, xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/" hdrgm:Version="1.0"/>')
    assert optimized(ultra, quality=quality) == ultra
    assert codes(ultra, quality=quality) == ["left-alone"]
    stream = io.BytesIO()
    frame = kinds.photo()
    frame.save(stream, "PNG", save_all=True, append_images=[frame.rotate(180)])
    moving = Image.open(io.BytesIO(optimized(stream.getvalue(), quality=quality)))
    assert getattr(moving, "n_frames", 1) == 2
    tiff = kinds.kind_file("tiff")
    assert optimized(tiff, quality=quality) == tiff


@pytest.mark.parametrize(("quality", "least"), [("lossless", 80), ("good", 70)])
def test_tiff_under_jpeg_compression_looks_as_good_as_asked(quality: str, least: int) -> None:
    convert = {"op": "convert", "format": "tiff", "compression": "jpeg"}
    chain = [convert, {"op": "optimize", "quality": quality}]
    file = samples.encoded(samples.cat())
    result = ImageProcessor().process(file, chain)
    assert Image.open(io.BytesIO(result.data)).info["compression"] == "jpeg"
    pair = FilePair(Source("one", data=file), Source("other", data=result.data))
    assert least - 0.5 <= pair.compare().score <= least + 3


def test_metadata_that_cannot_go_is_told() -> None:
    file = photo("AVIF", exif=told(), speed=8)

    assert optimized(file) == file
    assert codes(file) == ["metadata-kept"]


def test_a_damaged_file_is_an_error_and_no_half_picture() -> None:
    file = photo()
    with pytest.raises(SourceError):
        optimized(file[: len(file) // 2])


def test_steps_after_it_are_fine_and_lossless_then_means_high() -> None:
    file = photo(quality=97)
    steps: list[dict[str, Any]] = [{"op": "optimize"}, {"op": "resize", "width": 100}]

    data = ImageProcessor().process(file, steps).data

    assert Image.open(io.BytesIO(data)).size == (100, 80)
    assert read_mark(data, "jpeg") == "imgflow:1 quality=high"
    assert optimized(data, quality="high") == data
    sharp = ImageProcessor().process(photo("PNG"), steps).data
    plain = ImageProcessor().process(photo("PNG"), steps[1:]).data
    assert np.array_equal(samples.decoded(sharp), samples.decoded(plain))


def test_a_conversion_is_encoded_and_marked() -> None:
    steps = [{"op": "convert", "format": "webp"}, {"op": "optimize", "quality": "good"}]

    data = ImageProcessor().process(photo(quality=97), steps).data

    assert Image.open(io.BytesIO(data)).format == "WEBP"
    assert read_mark(data, "webp") == "imgflow:1 quality=good"


def test_orientation_is_applied_where_pixels_are_encoded_anew() -> None:
    file = kinds.kind_file("exif-6")
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))))
    data = ImageProcessor().process(file, [{"op": "optimize", "quality": 40}]).data
    seen = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert samples.likeness(seen, upright) > 0.7
