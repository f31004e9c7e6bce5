"""Encoding the same picture in the same format again never costs bytes."""

from __future__ import annotations

import contextlib
import functools
import io
from typing import Any

import numpy as np
import pytest
import samples
from finishing import finished, opened, profile_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imgflow.containers import REWRITERS, MalformedError
from imgflow.metadata import Groups, exif

COPYRIGHT = 0x8298
TIGHT: dict[str, dict[str, Any]] = {
    "jpeg": {"quality": 40, "optimize": True, "progressive": True},
    "png": {"optimize": True},
    "webp": {"quality": 30, "method": 6},
    "gif": {},
    "tiff": {"compression": "tiff_adobe_deflate"},
    "avif": {"quality": 20, "speed": 6},
}


def tight(kind: str, **more: Any) -> bytes:
    """Return a file that our defaults cannot make smaller."""
    image = Image.fromarray(samples.cat()[:120, :160])
    if kind == "gif":
        return finished(samples.encoded(image), {"format": "gif"}).data
    return samples.encoded(image, kind.upper(), **TIGHT[kind], **more)


def options_of(kind: str) -> dict[str, Any]:
    slow: dict[str, dict[str, Any]] = {
        "avif": {"effort": 2, "quality": 90},
        "png": {"effort": "fast"},
        "tiff": {"compression": "none"},
    }
    return {"format": kind} | slow.get(kind, {})


def rights() -> bytes:
    block = Image.Exif()
    block[COPYRIGHT] = "(c) me"
    block[0x010F] = "Camera " * 30
    return block.tobytes()


@pytest.mark.parametrize("kind", TIGHT)
def test_the_bytes_of_the_source_are_kept(kind: str) -> None:
    file = tight(kind)

    result = finished(file, options_of(kind), untouched=True)

    assert result.copied
    assert len(result.data) <= len(file)
    assert np.array_equal(samples.decoded(result.data, "RGB"), samples.decoded(file, "RGB"))
    assert result.notes == ()


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_metadata_goes_and_copyright_stays_without_touching_pixels(kind: str) -> None:
    file = tight(kind, exif=rights(), icc_profile=profile_of("sRGB"))

    result = finished(file, options_of(kind), untouched=True)

    image = opened(result.data)
    assert result.copied
    assert len(result.data) < len(file) - 200
    assert dict(image.getexif()) == {COPYRIGHT: "(c) me"}
    assert "icc_profile" not in image.info
    assert np.array_equal(np.asarray(image), samples.decoded(file))


def test_metadata_of_a_tiff_goes_and_copyright_stays() -> None:
    secret = {270: "a private description", COPYRIGHT: "(c) me", 271: "Camera"}
    file = tight("tiff", tiffinfo=secret)

    result = finished(file, options_of("tiff"), untouched=True)

    found = opened(result.data).getexif()
    assert result.copied
    assert found[COPYRIGHT] == "(c) me"
    assert not {270, 271} & set(found)
    assert b"private" not in result.data
    assert np.array_equal(samples.decoded(result.data), samples.decoded(file))


def test_comments_of_a_gif_go_and_its_frames_stay() -> None:
    frames = [Image.fromarray(samples.cat()[n : n + 60, :80]).quantize(8) for n in (0, 60, 120)]
    stream = io.BytesIO()
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=70,
        comment=b"a private comment",
    )  # fmt: skip

    data = REWRITERS["gif"](stream.getvalue(), Groups(), False)

    image = Image.open(io.BytesIO(data))
    assert b"private" not in data
    assert (getattr(image, "n_frames", 1), image.info["loop"], image.info["duration"]) == (3, 0, 70)
    for index in range(3):
        image.seek(index)
        before = Image.open(stream)
        before.seek(index)
        assert np.array_equal(np.asarray(image.convert("RGB")), np.asarray(before.convert("RGB")))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("name", ["Adobe RGB", "Display P3"])
def test_a_conversion_of_colours_is_never_skipped(kind: str, name: str) -> None:
    file = tight(kind, icc_profile=profile_of(name))

    converted = finished(file, options_of(kind), untouched=True)
    kept = finished(file, options_of(kind), profile="keep", untouched=True)

    assert not converted.copied
    assert kept.copied
    assert opened(kept.data).info["icc_profile"] == profile_of(name)
    assert np.array_equal(samples.decoded(kept.data), samples.decoded(file))


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_turned_picture_is_encoded_anew(orientation: int) -> None:
    block = Image.Exif()
    block[0x0112] = orientation
    file = tight("jpeg", exif=block.tobytes())

    upright = finished(file, options_of("jpeg"), untouched=True)
    stored = finished(file, options_of("jpeg"), untouched=True, orient=False, metadata="none")

    assert upright.copied == (orientation == 1)
    assert stored.copied
    assert Image.open(io.BytesIO(stored.data)).getexif().get(0x0112, 1) == orientation


def test_a_smaller_encode_wins() -> None:
    file = samples.encoded(samples.cat(), "JPEG", quality=99)

    result = finished(file, {"format": "jpeg"}, untouched=True)

    assert not result.copied
    assert len(result.data) < len(file)
    assert result.notes == ()


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "tiff"])
def test_a_second_run_does_not_wear_the_picture_out(kind: str) -> None:
    once = finished(samples.encoded(samples.coffee()), {"format": kind}).data

    twice = finished(once, {"format": kind}, untouched=True)

    assert twice.copied
    assert twice.data == once


def test_a_picture_whose_pixels_changed_is_never_copied() -> None:
    assert not finished(tight("jpeg"), options_of("jpeg"), untouched=False).copied


def test_a_conversion_that_grows_is_told() -> None:
    file = tight("jpeg")

    result = finished(file, {"format": "png"}, untouched=True)

    (note,) = result.notes
    assert (note.kind, note.code) == ("warning", "grew")
    assert note.details == {"source_bytes": len(file), "bytes": len(result.data)}
    assert note.message.startswith("as png the picture grew from ")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["jpeg", "png", "webp", "gif", "tiff"]),
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    colours=st.integers(1, 256),
    quality=st.integers(1, 100),
)
def test_never_bigger(kind: str, width: int, height: int, colours: int, quality: int) -> None:
    image = Image.fromarray(samples.cat()[:height, :width]).quantize(colours)
    image = image if kind == "gif" else image.convert("RGB")
    options = {"quality": quality} if kind in {"jpeg", "webp"} else {}
    file = samples.encoded(image, kind.upper(), **options)

    result = finished(file, {"format": kind, **options}, untouched=True)

    assert len(result.data) <= len(file)
    assert opened(result.data).size == image.size


@functools.cache
def whole(kind: str) -> bytes:
    return tight(kind, **({"exif": rights()} if kind in {"jpeg", "png", "webp"} else {}))


@pytest.mark.parametrize("kind", REWRITERS)
def test_metadata_can_be_put_in_and_taken_out_again(kind: str) -> None:
    bare = REWRITERS[kind](whole(kind), Groups(), False)
    groups = Groups(exif=exif.build({COPYRIGHT: b"(c) me"}), xmp=b"<x/>")

    full = REWRITERS[kind](bare, groups, False)

    found = opened(full)
    assert np.array_equal(np.asarray(found.convert("RGB")), samples.decoded(bare, "RGB"))
    if kind != "gif":
        assert found.getexif()[COPYRIGHT] == "(c) me"
        assert b"<x/>" in full
        assert REWRITERS[kind](full, groups, False) == full or kind == "tiff"
    assert REWRITERS[kind](full, Groups(), False) == bare or kind in {"tiff", "webp"}


@pytest.mark.parametrize("kind", REWRITERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_files_are_refused_and_never_crash(kind: str, data: st.DataObject) -> None:
    file = bytearray(whole(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, min(len(file) - 1, 600)))] = data.draw(st.integers(0, 255))
    del file[data.draw(st.integers(1, len(file))) :]

    with contextlib.suppress(MalformedError):
        REWRITERS[kind](bytes(file), Groups(exif=exif.build({COPYRIGHT: b"me"})), True)


@pytest.mark.parametrize("kind", REWRITERS)
@pytest.mark.parametrize("file", [b"", b"x", b"RIFF\0\0\0\0WEBP", b"\xff\xd8", b"GIF89a", b"II*\0"])
def test_what_is_no_such_file_is_refused(kind: str, file: bytes) -> None:
    with pytest.raises(MalformedError):
        REWRITERS[kind](file, Groups(), True)


def test_what_follows_the_end_of_a_jpeg_goes() -> None:
    file = tight("jpeg")
    hidden = file + b"a second picture with a position" + file

    data = REWRITERS["jpeg"](hidden, Groups(), False)

    assert data == REWRITERS["jpeg"](file, Groups(), False)


@pytest.mark.parametrize("options", [{"restart_marker_blocks": 1}, {"progressive": True}, {}])
def test_every_kind_of_scan_is_walked(options: dict[str, Any]) -> None:
    file = samples.encoded(samples.cat(), "JPEG", comment=b"private", **options)

    data = REWRITERS["jpeg"](file, Groups(), False)

    assert b"private" not in data
    assert np.array_equal(samples.decoded(data), samples.decoded(file))


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("alpha", [True, False])
def test_a_plain_webp_gets_an_extended_header(lossless: bool, alpha: bool) -> None:
    pixels = samples.with_alpha(samples.cat()) if alpha else samples.cat()
    file = REWRITERS["webp"](samples.encoded(pixels, "WEBP", lossless=lossless), Groups(), False)
    block = exif.build({COPYRIGHT: b"(c) me"})

    data = REWRITERS["webp"](file, Groups(exif=block), False)

    image = opened(data)
    assert image.getexif()[COPYRIGHT] == "(c) me"
    assert image.size == (451, 300)
    assert np.array_equal(np.asarray(image), samples.decoded(file))
