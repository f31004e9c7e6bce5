"""Repacking: fewer bytes, and what Pillow sees in them is what it saw before."""

from __future__ import annotations

import io
from typing import Any

import kinds
import numpy as np
import pytest
import samples
from PIL import Image

from imgflow.encoders import optional
from imgflow.errors import SourceError
from imgflow.libvips import libvips
from imgflow.repack import repack
from imgflow.repack.pixels import decode, same, shows
from imgflow.source import Source

REPACKED = [
    *("jpeg", "jpeg-gray", "jpeg-cmyk", "jpeg-display-p3", "exif-6"),
    *("png", "png-alpha", "png-palette", "png-palette-alpha", "png-gray", "png-gray-alpha"),
    *("png-gray-16", "png-16", "png-16-alpha", "png-1-bit", "1x1", "1x5000", "5000x1"),
    *("gif", "gif-alpha", "gif-animated", "gif-animated-alpha"),
    *("webp", "webp-alpha", "webp-animated", "webp-animated-alpha"),
]


def kind_of(name: str) -> str:
    first = name.partition("-")[0]
    return {"exif": "jpeg"}.get(first, first if first.isalpha() else "png")


def packed(data: bytes, kind: str, effort: Any = "balanced") -> bytes:
    return repack(data, kind, effort, decode(Source("test", data=data), kind))


def frames(file: bytes) -> list[tuple[Any, ...]]:
    """Return what Pillow shows of each frame, for how long, and how often in all."""
    image = Image.open(io.BytesIO(file))
    found = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        gray16 = image.mode.startswith("I")
        pixels = np.asarray(image) // 257 if gray16 else np.asarray(image.convert("RGBA"))
        if image.format == "GIF":
            pixels = pixels * (pixels[..., 3:] > 0)
        timing = image.info.get("duration"), image.info.get("loop")
        found.append((pixels, *timing))
    return found


def assert_same(one: bytes, two: bytes) -> None:
    before, after = frames(one), frames(two)
    assert len(before) == len(after)
    for (pixels, *timing), (others, *times) in zip(before, after, strict=True):
        gray = others[..., 0] if others.ndim > pixels.ndim else others
        assert np.array_equal(pixels, gray)
        assert timing == times


@pytest.mark.parametrize("name", REPACKED)
@pytest.mark.parametrize("effort", ["balanced", "max"])
def test_every_kind_keeps_its_pixels_and_never_grows(name: str, effort: str) -> None:
    file = kinds.kind_file(name)

    data = packed(file, kind_of(name), effort)

    assert len(data) <= len(file)
    assert_same(file, data)
    assert packed(data, kind_of(name), effort) == data


def test_a_photograph_gets_progressive_scans_of_the_same_coefficients() -> None:
    file = samples.encoded(samples.coffee(), "JPEG", quality=90)

    data = packed(file, "jpeg")

    image = Image.open(io.BytesIO(data))
    assert image.info["progressive"]
    assert len(data) < 0.95 * len(file)
    before: Any = Image.open(io.BytesIO(file))
    after: Any = image
    assert before.quantization == after.quantization
    assert np.array_equal(samples.decoded(data), samples.decoded(file))


@pytest.mark.slow
def test_colours_under_full_transparency_stay() -> None:
    pixels = samples.with_alpha(samples.cat())
    pixels[..., 3] = np.where(pixels[..., 3] < 128, 0, 255)
    for fmt, kind in (("PNG", "png"), ("WEBP", "webp")):
        options = {"lossless": True, "exact": True, "method": 0} if kind == "webp" else {}
        file = samples.encoded(pixels, fmt, **options)
        data = packed(file, kind, "max")
        assert len(data) < len(file)
        assert np.array_equal(samples.decoded(data), pixels)


def test_a_gif_gives_up_what_does_not_change() -> None:
    still = Image.fromarray(samples.cat()[:100, :150]).quantize(32)
    moved = still.copy()
    moved.paste(0, (10, 10, 20, 20))
    stream = io.BytesIO()
    still.save(
        stream, "GIF", save_all=True, append_images=[moved, still], duration=[60, 80, 90],
        loop=2, optimize=False, disposal=2,
    )  # fmt: skip

    data = packed(stream.getvalue(), "gif")

    assert_same(stream.getvalue(), data)
    assert packed(data, "gif") == data


def test_a_gray_picture_keeps_three_channels_beside_a_profile_for_them() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    gray = np.repeat(samples.cameraman()[:64, :64, None], 3, axis=2)
    plain, tagged = samples.encoded(gray), samples.encoded(gray, icc_profile=profile)

    assert Image.open(io.BytesIO(packed(plain, "png"))).mode == "L"
    kept = Image.open(io.BytesIO(packed(tagged, "png")))
    assert kept.mode in {"RGB", "P"}
    assert kept.info["icc_profile"] == profile


def test_an_animated_png_stays_as_it_is() -> None:
    stream = io.BytesIO()
    photo = kinds.photo()
    photo.save(stream, "PNG", save_all=True, append_images=[photo.rotate(90)])

    assert packed(stream.getvalue(), "png") == stream.getvalue()


def test_formats_without_a_packer_stay_as_they_are() -> None:
    for name in ("avif", "tiff"):
        assert packed(kinds.kind_file(name), name) == kinds.kind_file(name)


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_without_the_libraries_files_stay_as_they_are(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("imgflow.encoders.oxipng.load", "imgflow.encoders.scans.load"):
        monkeypatch.setattr(name, lambda _: None)
    assert optional.load("no_such_module") is None
    assert packed(kinds.kind_file(kind), kind) == kinds.kind_file(kind)


def test_what_shows_other_pixels_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from imgflow.repack import packing

    file, other = kinds.kind_file("png"), kinds.kind_file("1x1")
    monkeypatch.setitem(packing.PACKERS, "png", packing.Packer(lambda *_: other))
    assert packed(file, "png") == file
    monkeypatch.setitem(packing.PACKERS, "png", packing.Packer(lambda *_: b"rubbish"))
    assert packed(file, "png") == file


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp"])
def test_a_damaged_source_is_told(name: str) -> None:
    file = kinds.kind_file(name)
    with pytest.raises(SourceError):
        decode(Source("half", data=file[: len(file) // 2]), name)


def test_sameness_sees_one_pixel_one_level_and_the_order_of_frames() -> None:
    pixels = samples.cat()[:40, :50].copy()
    one = decode(Source("", data=samples.encoded(pixels)), "png")
    assert shows(samples.encoded(np.dstack([pixels, np.full((40, 50), 255, np.uint8)])), "png", one)
    pixels[3, 4, 1] ^= 1
    assert not shows(samples.encoded(pixels), "png", one)
    assert not shows(samples.encoded(pixels[:, :49]), "png", one)
    animated = decode(Source("", data=kinds.kind_file("gif-animated")), "gif")
    assert same(animated, animated, hidden=False)
    slower = animated.copy()
    slower.set_type(libvips().GValue.array_int_type, "delay", [50, 100, 151])
    assert not same(animated, slower, hidden=False)
    assert not shows(kinds.kind_file("gif"), "gif", animated)
