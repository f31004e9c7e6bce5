from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import samples
from finishing import profile_of
from PIL import Image

from imgflow.errors import SourceError
from imgflow.inspection import ImageInfo, inspect
from imgflow.limits import Limits
from imgflow.source import Source


def told(file: bytes) -> ImageInfo:
    return inspect(Source("in", data=file))


def picture(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(samples.cat()).convert(mode)


@pytest.mark.parametrize(
    ("kind", "mode", "expected"),
    [
        ("JPEG", "RGB", ("jpeg", "rgb", 3, False, 8)),
        ("JPEG", "L", ("jpeg", "gray", 1, False, 8)),
        ("JPEG", "CMYK", ("jpeg", "cmyk", 4, False, 8)),
        ("PNG", "RGBA", ("png", "rgb", 4, True, 8)),
        ("PNG", "LA", ("png", "gray", 2, True, 8)),
        ("PNG", "1", ("png", "gray", 1, False, 1)),
        ("PNG", "I;16", ("png", "gray", 1, False, 16)),
        ("GIF", "P", ("gif", "palette", 3, False, 6)),
        ("WEBP", "RGB", ("webp", "rgb", 3, False, 8)),
        ("TIFF", "RGB", ("tiff", "rgb", 3, False, 8)),
        ("AVIF", "RGB", ("avif", "rgb", 3, False, 8)),
        ("BMP", "RGB", ("bmp", "rgb", 3, False, 8)),
        ("TGA", "RGBA", ("tga", "rgb", 4, True, 8)),
        ("PPM", "L", ("ppm", "gray", 1, False, 8)),
    ],
)
def test_what_a_file_is(kind: str, mode: str, expected: tuple[Any, ...]) -> None:
    file = samples.encoded(picture(mode), kind)

    info = told(file)

    assert (info.format, info.colours, info.channels, info.alpha, info.bits) == expected
    assert (info.width, info.height, info.bytes) == (451, 300, len(file))
    assert (info.stored_width, info.stored_height) == (451, 300)
    assert (info.orientation, info.frames, info.delays, info.metadata) == (
        1,
        1,
        (),
        {},
    ) or kind == "AVIF"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int) -> None:
    block = Image.Exif()
    block[0x0112] = orientation

    info = told(samples.encoded(picture(), "JPEG", exif=block.tobytes()))

    assert info.orientation == orientation
    assert (info.stored_width, info.stored_height) == (451, 300)
    assert (info.width, info.height) == ((300, 451) if orientation > 4 else (451, 300))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation(kind: str) -> None:
    stream = io.BytesIO()
    frames = [Image.fromarray(samples.cat()[n : n + 50]) for n in (0, 100, 200)]
    frames[0].save(
        stream, kind, save_all=True, append_images=frames[1:], duration=[40, 70, 90], loop=0
    )

    info = told(stream.getvalue())

    assert (info.width, info.height, info.frames) == (451, 50, 3)
    assert (info.delays, info.loop) == ((40, 70, 90), 0)


def test_metadata_and_profile() -> None:
    block = Image.Exif()
    block[0x8298], block[0x013B] = "(c) me", "Me"
    block.get_ifd(0x8825)[1] = "N"
    profile = profile_of("Adobe RGB")
    file = samples.encoded(
        picture(), "JPEG", exif=block.tobytes(), xmp=b"<x/>", icc_profile=profile, progressive=True
    )

    info = told(file)

    assert (info.copyright, info.artist, info.credit) == ("(c) me", "Me", "")
    assert info.has_position
    assert info.progressive
    assert info.profile == "Adobe RGB"
    assert set(info.metadata) == {"exif", "xmp", "icc"}
    assert info.metadata["icc"] == len(profile)
    assert info.metadata["xmp"] == 4


def test_rights_of_a_tiff_in_memory_and_on_disk(tmp_path: Any) -> None:
    file = samples.encoded(picture(), "TIFF", tiffinfo={0x8298: "(c) me"})
    path = tmp_path / "in.tif"
    path.write_bytes(file)

    assert told(file).copyright == "(c) me"
    assert inspect(Source("in", path=str(path))).copyright == "(c) me"


def test_nothing_is_decoded() -> None:
    """A file that lost its pixels, and one of too many, can still be told."""
    whole = samples.encoded(picture(), "PNG")
    assert told(whole[: len(whole) // 3]).width == 451
    huge = samples.encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert inspect(Source("in", data=huge), Limits(frame_pixels=10)).width == 20_000


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "source-empty"),
        (b"hello", "source-unsupported"),
        (b"\xff\xd8\xff" + bytes(80), "source-corrupt"),
        (b"BM" + bytes(80), "source-corrupt"),
    ],
)
def test_what_is_no_image(file: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        told(file)

    assert caught.value.code == code


def test_sixteen_bits_of_colour() -> None:
    from imgflow.libvips import libvips

    image = libvips().Image.new_from_array(samples.cat()).copy(interpretation="srgb")
    info = told(image.colourspace("rgb16").pngsave_buffer())

    assert (info.colours, info.bits) == ("rgb", 16)
    assert np.prod((info.width, info.height)) == samples.cat()[..., 0].size
