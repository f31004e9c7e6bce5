"""Opening: what is refused, what is repaired, what is turned upright."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import samples
from PIL import Image

from imgflow.errors import SourceError
from imgflow.image import check_decodes, identify, open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.source import Source

LIBVIPS_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF")
PILLOW_FORMATS = ("BMP", "PPM", "TGA", "QOI", "JPEG2000", "ICO", "PCX", "SGI", "DDS")


def source(data: bytes, name: str = "picture") -> Source:
    return Source(name, data=data)


def refusal(data: bytes, limits: Limits = DEFAULT_LIMITS) -> SourceError:
    with pytest.raises(SourceError) as caught:
        open_picture(source(data), limits)
    return caught.value


def pixels_of(picture: object) -> np.ndarray:
    image = picture.image  # type: ignore[attr-defined]
    return np.asarray(image.numpy())


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("fmt", [*LIBVIPS_FORMATS, *PILLOW_FORMATS])
def test_opens_every_format_by_content(fmt: str) -> None:
    photo = samples.coffee()[:256, :256]
    picture = open_picture(source(samples.encoded(photo, fmt), "wrong.extension"), DEFAULT_LIMITS)
    assert picture.size == (256, 256)
    seen = pixels_of(picture.srgb())[:, :, :3]
    lossless = fmt not in {"JPEG", "AVIF", "WEBP", "GIF", "JPEG2000", "ICO"}
    assert samples.likeness(seen, photo) >= (1.0 if lossless else 0.8)


@pytest.mark.parametrize("fmt", [*LIBVIPS_FORMATS, *PILLOW_FORMATS])
@pytest.mark.parametrize("share", [0.99, 0.5, 0.1])
def test_truncated_file_is_an_error_that_says_so(fmt: str, share: float) -> None:
    whole = samples.encoded(samples.coffee()[:256, :256], fmt)
    cut = source(whole[: int(len(whole) * share)])
    with pytest.raises(SourceError) as caught:
        check_decodes(cut, open_picture(cut, DEFAULT_LIMITS).origin.format)
    assert caught.value.code == "source-corrupt"
    assert caught.value.message.startswith("picture: expected a whole ")


@pytest.mark.parametrize("fmt", ["GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.99, 0.7, 0.3])
def test_truncated_animation_is_an_error(fmt: str, share: float) -> None:
    frames = [Image.fromarray(samples.cat()).rotate(angle) for angle in (0, 20, 40, 60)]
    whole = samples.encoded(frames[0], fmt, save_all=True, append_images=frames[1:])
    assert open_picture(source(whole), DEFAULT_LIMITS).frames == 4
    assert refusal(whole[: int(len(whole) * share)]).code == "source-corrupt"


def test_gif_without_trailer_is_accepted() -> None:
    whole = samples.encoded(samples.cat(), "GIF")
    assert open_picture(source(whole.removesuffix(b";")), DEFAULT_LIMITS).size == (451, 300)


@pytest.mark.parametrize(
    ("fmt", "options", "share"),
    [("PNG", {}, 1.0), ("AVIF", {}, 1.0), ("JPEG", {"progressive": True}, 0.6)],
)
def test_flipped_bits_are_noticed_where_the_format_can_tell(
    fmt: str, options: dict[str, bool], share: float
) -> None:
    whole = samples.encoded(samples.cat(), fmt, **options)
    generator = np.random.default_rng(5)
    noticed = 0
    for _ in range(30):
        damaged = bytearray(whole)
        for at in generator.integers(700, len(whole), 8):
            damaged[at] ^= 1 << int(generator.integers(8))
        try:
            check_decodes(source(bytes(damaged)), fmt.lower())
        except SourceError as error:
            noticed += error.code == "source-corrupt"
    assert noticed >= share * 30


@pytest.mark.parametrize(
    ("data", "code", "found"),
    [
        (b"", "source-empty", "found an empty file"),
        (b"hello, I am a text\n" * 9, "source-unsupported", "found something that is no image"),
        (b"%PDF-1.7 ...", "source-not-allowed", "allow it with --allow-loader pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "source-not-allowed", "found svg"),
        (b"<?xml version='1.0'?><svg/>", "source-not-allowed", "--allow-loader svg"),
        (b"1,2,3\n4,5,6\n", "source-unsupported", "found something that is no image"),
        (b"\xff\xd8\xff\xe0 nothing more", "source-corrupt", "expected a whole jpeg image"),
        (b"\x89PNG\r\n\x1a\n", "source-corrupt", "expected a whole png image"),
    ],
)
def test_refusals(data: bytes, code: str, found: str) -> None:
    error = refusal(data)
    assert error.code == code
    assert found in error.message
    assert not error.retryable


def test_raw_libvips_file_is_refused_under_any_name(tmp_path: Path) -> None:
    libvips().Image.black(4, 4).write_to_file(str(tmp_path / "raw.v"))
    (tmp_path / "raw.v").rename(tmp_path / "evil.jpg")
    with pytest.raises(SourceError) as caught:
        open_picture(Source("evil.jpg", path=str(tmp_path / "evil.jpg")), DEFAULT_LIMITS)
    error = caught.value
    assert error.code == "source-unsupported"
    assert "found a vips file" in error.message


def test_supported_formats_are_named() -> None:
    message = refusal(b"nothing in particular").message
    for name in ("avif", "bmp", "gif", "jp2", "jpeg", "png", "psd", "qoi", "tiff", "webp"):
        assert name in message


def test_svg_opens_when_it_is_allowed() -> None:
    script = (
        "from imgflow.image import open_picture; from imgflow.limits import Limits\n"
        "from imgflow.source import Source\n"
        "svg = b\"<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'/>\"\n"
        "print(*open_picture(Source('x', data=svg), Limits(loaders=('svg',))).size)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == [b"30", b"20"]


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (2**31 - 1, 1000), (1, 2**31 - 1), (65_535, 65_535)]
)
def test_bomb_is_refused_from_its_header(width: int, height: int) -> None:
    assert refusal(png_header(width, height)).code in {"source-too-large", "source-corrupt"}


def test_bomb_costs_no_memory() -> None:
    script = (
        "import resource, sys\n"
        "from imgflow.errors import SourceError; from imgflow.image import open_picture\n"
        "from imgflow.limits import DEFAULT_LIMITS; from imgflow.source import Source\n"
        "data = sys.stdin.buffer.read()\n"
        "from imgflow.libvips import libvips; libvips().Image.black(9, 9).pngsave_buffer()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: open_picture(Source('x', data=data), DEFAULT_LIMITS)\n"
        "except SourceError as error: print(error.code)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    bomb = samples.encoded(Image.new("1", (30_000, 30_000)), "PNG")
    run = [sys.executable, "-c", script]
    code, kilobytes = subprocess.run(
        run, input=bomb, capture_output=True, check=True
    ).stdout.split()
    assert code == b"source-too-large"
    assert int(kilobytes) < 50 * 1024


def test_limits_name_the_option_that_raises_them() -> None:
    data = samples.encoded(samples.cat(), "PNG")
    small = Limits(frame_pixels=100_000)
    assert "at most 0.1 megapixels a frame" in refusal(data, small).message
    assert "--max-megapixels" in refusal(data, small).message
    assert "--max-megabytes" in refusal(data, Limits(source_bytes=1000)).message


def test_all_frames_together_are_limited() -> None:
    frames = [Image.new("L", (100, 100), shade) for shade in range(0, 200, 20)]
    data = samples.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    error = refusal(data, Limits(total_pixels=99_999))
    assert "in 10 frames" in error.message


def test_pages_of_a_document_are_no_frames() -> None:
    pages = [Image.new("L", (100, 100), shade) for shade in (0, 100, 200)]
    data = samples.encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert open_picture(source(data), Limits(total_pixels=10_000)).frames == 1


def test_pillow_formats_obey_the_limits() -> None:
    data = samples.encoded(samples.cat(), "BMP")
    assert refusal(data, Limits(frame_pixels=100)).code == "source-too-large"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int) -> None:
    stored = Image.fromarray(samples.cat())
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = samples.encoded(stored, "PNG", exif=exif)
    picture = open_picture(source(data), DEFAULT_LIMITS)
    turned = orientation >= 5
    assert picture.size == ((300, 451) if turned else (451, 300))
    with Image.open(io.BytesIO(data)) as judge:
        from PIL import ImageOps

        expected = np.asarray(ImageOps.exif_transpose(judge))
    assert np.array_equal(pixels_of(picture), expected)
    assert picture.origin.reoriented == (orientation != 1)


def test_orientation_can_be_left_alone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = samples.encoded(Image.fromarray(samples.cat()), "JPEG", exif=exif)
    picture = open_picture(source(data), DEFAULT_LIMITS, orient=False)
    assert picture.size == (451, 300)
    assert picture.origin.orientation == 6


@pytest.mark.parametrize(
    ("factor", "stored"), [(1.0, 512), (1.9, 512), (2.0, 256), (3.9, 256), (5.0, 128), (90, 64)]
)
def test_jpeg_is_decoded_at_a_fraction_of_its_size(factor: float, stored: int) -> None:
    data = samples.encoded(samples.portrait(), "JPEG")
    picture = open_picture(source(data), DEFAULT_LIMITS, shrink=lambda _: factor)
    assert picture.size == (512, 512)
    assert picture.pixel_size == (stored, stored)
    assert picture.reduced == (stored != 512)


def test_shrink_is_asked_with_the_upright_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    data = samples.encoded(Image.fromarray(samples.cat()), "JPEG", exif=exif)
    asked = []

    def shrink(size: tuple[int, int]) -> float:
        asked.append(size)
        return 2.0

    picture = open_picture(source(data), DEFAULT_LIMITS, shrink=shrink)
    assert asked == [(300, 451)]
    assert picture.pixel_size == (150, 226)


def test_animation_keeps_its_timing() -> None:
    frames = [Image.fromarray(samples.cat()).rotate(angle) for angle in (0, 20, 40)]
    data = samples.encoded(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[50, 70, 90], loop=3
    )
    picture = open_picture(source(data), DEFAULT_LIMITS)
    assert (picture.frames, picture.size) == (3, (451, 300))
    assert picture.delays == (50, 70, 90)
    assert picture.loop in {3, 4}  # NETSCAPE counts repeats, libvips counts plays


def test_identify_reads_the_content_only() -> None:
    assert (
        identify(source(samples.encoded(samples.cat(), "AVIF"), "a.jpg"), DEFAULT_LIMITS) == "avif"
    )


@pytest.mark.parametrize("kind", ["int", "short", "float"])
def test_numbers_of_which_none_is_white_are_refused(kind: str) -> None:
    gray = libvips().Image.new_from_array(samples.cameraman()).copy(interpretation="b-w")
    error = refusal(gray.cast(kind).tiffsave_buffer())
    assert error.code == "source-unsupported"
    assert f"expected 8 or 16 bits a channel, found values of type {kind}" in error.message


def test_channels_that_make_no_picture_are_refused() -> None:
    rgb = libvips().Image.new_from_array(samples.cat()).copy(interpretation="srgb")
    error = refusal(rgb.bandjoin([1, 2]).tiffsave_buffer())
    assert "expected at most 4 channels, found 5" in error.message
