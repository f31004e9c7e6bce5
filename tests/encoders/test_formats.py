"""Every format takes every kind of picture; Pillow is the judge."""

from __future__ import annotations

import io
import typing
from typing import Any

import numpy as np
import pytest
import samples
from finishing import finished, opened, profile_of
from PIL import Image

from imgflow.encoders import (
    ENCODERS,
    FORMAT_NAMES,
    available,
    encoder_for,
    format_table,
    formats_with,
    parse_encoder,
)
from imgflow.errors import EncodeError, RecipeError

#: Format -> options that make it fast, and the likeness to the source it must reach.
TARGETS: dict[str, tuple[dict[str, Any], float]] = {
    "avif": ({"effort": 1, "quality": 80}, 0.93),
    "gif": ({"effort": 3}, 0.75),
    "jpeg": ({"quality": 90}, 0.93),
    "png": ({}, 0.999),
    "tiff": ({}, 0.999),
    "webp": ({"quality": 90}, 0.93),
}


def small() -> samples.Pixels:
    """Return a photograph of 150x100."""
    return np.asarray(Image.fromarray(samples.cat()).resize((150, 100), Image.Resampling.LANCZOS))


def gray16() -> Image.Image:
    ramp = np.linspace(0, 65535, 150 * 100).reshape(100, 150)
    return Image.fromarray(ramp.astype(np.uint16))


SOURCES: dict[str, bytes] = {
    "jpeg": samples.encoded(small(), "JPEG", quality=95, subsampling=0),
    "png": samples.encoded(small(), "PNG"),
    "gif": samples.encoded(small(), "GIF"),
    "tiff": samples.encoded(small(), "TIFF"),
    "webp": samples.encoded(small(), "WEBP", quality=95),
    "avif": samples.encoded(small(), "AVIF", quality=95, speed=9),
    "gray": samples.encoded(Image.fromarray(small()).convert("L"), "PNG"),
    "gray alpha": samples.encoded(
        Image.fromarray(samples.with_alpha(small())).convert("LA"), "PNG"
    ),
    "cmyk": samples.encoded(Image.fromarray(small()).convert("CMYK"), "JPEG", quality=95),
    "16 bit": samples.encoded(gray16(), "PNG"),
    "palette": samples.encoded(Image.fromarray(small()).quantize(64), "PNG"),
    "alpha": samples.encoded(samples.with_alpha(small()), "PNG"),
    "bilevel": samples.encoded(Image.fromarray(small()).convert("1"), "PNG"),
    "wide gamut": samples.encoded(small(), "JPEG", quality=95, icc_profile=profile_of("Adobe RGB")),
    "1x1": samples.encoded(small()[:1, :1], "PNG"),
    "1x5000": samples.encoded(np.repeat(small()[:, :1], 50, axis=0), "PNG"),
}
#: Sources whose look Pillow gives on its own, without colour management.
PLAIN = [name for name in SOURCES if name not in {"cmyk", "wide gamut", "16 bit"}]


def flat(image: Image.Image, colour: str = "white") -> samples.Pixels:
    """Return RGB on a background, as a viewer shows it."""
    ground = Image.new("RGBA", image.size, colour)
    return np.asarray(Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB"))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES)
def test_every_source_can_be_written(source: str, target: str) -> None:
    options, likeness = TARGETS[target]
    result = opened(finished(SOURCES[source], {"format": target, **options}).data)

    assert result.format == target.upper()
    wanted = opened(SOURCES[source])
    assert result.size == wanted.size
    if source in PLAIN and not (target == "gif" and "alpha" in source):
        one, two = flat(result), flat(wanted)
        if source in {"1x1", "1x5000", "bilevel"}:
            assert np.abs(one.astype(int) - two).mean() < 12
        else:
            decoders = 0.01 if source == "avif" else 0.0  # they smooth colour in two ways
            assert samples.likeness(one, two) > likeness - decoders


@pytest.mark.parametrize("target", ["jpeg", "png", "tiff"])
@pytest.mark.parametrize("source", ["gray", "bilevel"])
def test_gray_stays_gray(source: str, target: str) -> None:
    image = opened(finished(SOURCES[source], {"format": target}).data)
    assert image.mode == ("1" if (source, target) == ("bilevel", "png") else "L")


@pytest.mark.parametrize("target", ["avif", "gif", "png", "tiff", "webp"])
def test_transparency_stays(target: str) -> None:
    options, _ = TARGETS[target]
    result = opened(finished(SOURCES["alpha"], {"format": target, **options}).data)

    alpha = np.asarray(result.convert("RGBA"))[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[50, 75] == 255
    wanted = np.asarray(opened(SOURCES["alpha"]))
    if target != "gif":
        assert np.abs(alpha.astype(int) - wanted[..., 3]).mean() < 2
    opaque = wanted[..., 3] == 255
    colours = np.asarray(result.convert("RGB")).astype(int)
    assert np.abs(colours - wanted[..., :3])[opaque].mean() < 10


@pytest.mark.parametrize("target", ["avif", "gif", "jpeg", "png", "tiff", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_dropped(orientation: int, target: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = samples.encoded(small()[:40, :56], "JPEG", quality=95, exif=exif.tobytes())
    options, _ = TARGETS[target]

    result = opened(finished(file, {"format": target, **options}).data)

    wanted = {
        1: small()[:40, :56],
        2: small()[:40, :56][:, ::-1],
        3: small()[:40, :56][::-1, ::-1],
        4: small()[:40, :56][::-1],
        5: small()[:40, :56].transpose(1, 0, 2),
        6: np.rot90(small()[:40, :56], -1),
        7: np.rot90(small()[:40, :56], 2).transpose(1, 0, 2),
        8: np.rot90(small()[:40, :56]),
    }[orientation]
    assert result.size == (wanted.shape[1], wanted.shape[0])
    assert np.abs(flat(result).astype(int) - wanted).mean() < 10
    assert result.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("target", ["avif", "jpeg", "png", "tiff", "webp"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_orientation_that_is_not_applied_survives_a_strip(orientation: int, target: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = samples.encoded(small(), "JPEG", exif=exif.tobytes())
    options, _ = TARGETS[target]

    data = finished(file, {"format": target, **options}, metadata="none", orient=False).data

    result = Image.open(io.BytesIO(data))
    assert result.getexif()[0x0112] == orientation


@pytest.mark.parametrize(
    ("options", "exact"),
    [
        ({"format": "png"}, True),
        ({"format": "png", "quality": "lossless"}, True),
        ({"format": "tiff"}, True),
        ({"format": "tiff", "compression": "deflate", "effort": 9}, True),
        ({"format": "tiff", "compression": "none"}, True),
        ({"format": "tiff", "compression": "packbits", "tile": True}, True),
        ({"format": "webp", "lossless": True}, True),
        ({"format": "webp", "quality": "lossless", "effort": 0}, True),
        ({"format": "avif", "lossless": True, "effort": 1}, True),
        ({"format": "avif", "quality": "lossless", "effort": 1}, True),
        ({"format": "webp", "near_lossless": 40}, False),
        ({"format": "webp", "quality": 100}, False),
        ({"format": "webp", "palette": True}, False),
        ({"format": "webp", "quality": "lossless", "effort": "max"}, True),
        ({"format": "tiff", "compression": "jpeg"}, False),
        ({"format": "png", "palette": True}, False),
    ],
)
@pytest.mark.parametrize("alpha", [False, True])
def test_lossless_is_lossless(options: dict[str, Any], exact: bool, alpha: bool) -> None:
    if alpha and options.get("compression") == "jpeg":
        pytest.skip("no transparency there")
    pixels = samples.with_alpha(small()) if alpha else small()

    result = opened(finished(samples.encoded(pixels), options).data)

    assert np.array_equal(np.asarray(result.convert("RGBA" if alpha else "RGB")), pixels) == exact


@pytest.mark.parametrize("target", ["avif", "jpeg", "webp"])
def test_more_quality_is_more_bytes_and_more_likeness(target: str) -> None:
    file = samples.encoded(small())
    results = [
        finished(file, {"format": target, "quality": quality, "effort": 1}).data
        for quality in (10, 40, 70, 89, 100)
    ]

    sizes = [len(result) for result in results]
    likenesses = [samples.likeness(samples.decoded(result, "RGB"), small()) for result in results]
    assert sizes == sorted(set(sizes))
    assert likenesses == sorted(set(likenesses))


@pytest.mark.parametrize(
    ("target", "least", "most"), [("jpeg", 0, 3), ("webp", 0, 6), ("avif", 0, 4)]
)
def test_more_effort_is_fewer_bytes(target: str, least: int, most: int) -> None:
    file = samples.encoded(samples.cat()[:200, :200])

    easy, hard = (
        len(finished(file, {"format": target, "effort": effort}).data) for effort in (least, most)
    )

    assert hard < easy


@pytest.mark.parametrize("target", ["avif", "jpeg"])
def test_chroma(target: str) -> None:
    """Red and blue stripes, one pixel wide, need every sample of colour."""
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2, 0] = stripes[:, 1::2, 2] = 255

    def error(**options: Any) -> float:
        options |= {"effort": 1} if target == "avif" else {}
        data = finished(samples.encoded(stripes), {"format": target, **options}).data
        return float(np.abs(samples.decoded(data, "RGB").astype(int) - stripes).mean())

    assert error(quality=80, chroma="4:4:4") < 25 < error(quality=80, chroma="4:2:0")
    assert error(quality=80) == error(quality=80, chroma="4:2:0")
    assert error(quality=90) == error(quality=90, chroma="4:4:4")


@pytest.mark.parametrize(
    ("target", "sides"),
    [("jpeg", (65501, 1)), ("webp", (16384, 2)), ("avif", (2, 16385)), ("gif", (65536, 1))],
)
def test_too_long_a_side_says_what_to_do(target: str, sides: tuple[int, int]) -> None:
    file = samples.encoded(Image.new("L", sides), "PNG")

    with pytest.raises(EncodeError) as caught:
        finished(file, {"format": target})

    longest = ENCODERS[target].capabilities.longest
    assert caught.value.code == "too-long-a-side"
    assert caught.value.message.startswith(
        f"{target}: expected at most {longest} pixels a side, found {sides[0]}x{sides[1]}; "
        "resize it, or write it as "
    )
    assert "png or tiff" in caught.value.message


@pytest.mark.parametrize("target", ["jpeg", "webp", "avif", "gif"])
def test_the_longest_side_can_be_written(target: str) -> None:
    side = ENCODERS[target].capabilities.longest
    file = samples.encoded(Image.new("L", (side, 1)), "PNG")
    options = {"effort": 0} if target == "avif" else {}

    assert Image.open(io.BytesIO(finished(file, {"format": target, **options}).data)).size == (
        side,
        1,
    )


@pytest.mark.parametrize("name", [name for name in ENCODERS if name not in available()])
def test_a_format_that_this_libvips_lacks_names_the_others(name: str) -> None:
    with pytest.raises(EncodeError, match="use one of avif, gif, jpeg, png") as caught:
        finished(SOURCES["png"], {"format": name})

    assert caught.value.code == "unsupported-format"


def test_available_formats_are_those_that_every_wheel_has() -> None:
    assert {"avif", "gif", "jpeg", "png", "tiff", "webp"} <= set(available())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "webpp"}, "unknown format 'webpp'; did you mean 'webp'?"),
        ({"format": "JPEG"}, "unknown format 'JPEG'; did you mean 'jpeg'?"),
        (
            {"format": "xyz"},
            "unknown format 'xyz'; one of auto, avif, gif, heic, jpeg, jxl, png, tiff, webp",
        ),
        ({}, "unknown format None; one of auto, avif, gif, heic, jpeg, jxl, png, tiff, webp"),
        ({"format": "webp", "qualty": 3}, "webp: unknown option 'qualty'; did you mean 'quality'?"),
        (
            {"format": "webp", "interlace": True},
            "webp: unknown option 'interlace'; 'gif' and 'png' know it",
        ),
        (
            {"format": "gif", "chroma": "4:4:4"},
            "gif: unknown option 'chroma'; 'avif', 'heic' and 'jpeg' know it",
        ),
        (
            {"format": "gif", "zzz": 1},
            "gif: unknown option 'zzz'; one of colours, dither, effort, max_frame_error, interlace",
        ),
        (
            {"format": "webp", "quality": "lossless", "lossless": False},
            "webp: 'quality: lossless' contradicts 'lossless: false'",
        ),
        (
            {"format": "tiff", "quality": "lossless", "compression": "jpeg"},
            "tiff: 'quality: lossless' contradicts 'compression: jpeg'",
        ),
        (
            {"format": "webp", "near_lossless": 60, "quality": 80},
            "webp: 'near_lossless' cannot stand beside 'quality'",
        ),
        (
            {"format": "webp", "quality": "lossless", "palette": True},
            "webp: 'quality: lossless' contradicts 'palette: true'",
        ),
    ],
)
def test_wrong_options_are_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_encoder(options)

    assert caught.value.message == message


@pytest.mark.parametrize(
    "options",
    [
        {"format": "jpeg", "quality": 0},
        {"format": "jpeg", "quality": 101},
        {"format": "jpeg", "quality": "lossless"},
        {"format": "jpeg", "quality": "85"},
        {"format": "jpeg", "background": "pinkish"},
        {"format": "jpeg", "background": "transparent"},
        {"format": "jpeg", "background": "#ff000080"},
        {"format": "jpeg", "chroma": "4:1:1"},
        {"format": "png", "colours": 100, "palette": True},
        {"format": "png", "colours": 16},
        {"format": "png", "bit_depth": 3},
        {"format": "avif", "bit_depth": 16},
    ],
)
def test_values_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        parse_encoder(options)


@pytest.mark.parametrize(("alias", "name"), [("jpg", "jpeg"), ("tif", "tiff"), ("heif", "heic")])
def test_aliases(alias: str, name: str) -> None:
    encoder = parse_encoder({"format": alias})

    assert encoder.name() == name
    assert encoder == parse_encoder({"format": name})
    assert encoder.fields() == {"format": name}
    assert alias in FORMAT_NAMES


def test_a_source_that_cannot_be_written_back() -> None:
    with pytest.raises(EncodeError, match="bmp cannot be written; name one of avif, "):
        encoder_for("bmp")


def test_options_survive_being_written_as_json() -> None:
    options = {"format": "webp", "quality": 70, "preset": "drawing"}

    assert parse_encoder(options).fields() == options


def test_the_table_of_formats() -> None:
    heading, *rows = format_table()

    assert len({len(row) for row in (heading, *rows)}) == 1
    assert [row[0] for row in rows] == list(ENCODERS)
    assert ("webp", "webp", "yes", "yes", "yes", "8", "16383") in rows


def test_every_option_is_described() -> None:
    for encoder in ENCODERS.values():
        hints = typing.get_type_hints(encoder)
        for option in encoder.options():
            assert option in formats_with(option) or encoder.name() in formats_with(option)
            assert hints[option]


@pytest.mark.parametrize("depth", [8, 10, 12])
def test_avif_of_more_bits_is_lossless_too(depth: int) -> None:
    pixels = np.arange(256 * 3, dtype=np.uint16).astype(np.uint8).reshape(16, 16, 3)
    pixels[0] = 255
    options = {"format": "avif", "lossless": True, "bit_depth": depth, "effort": 0}
    file = finished(samples.encoded(pixels), options).data
    assert np.array_equal(np.asarray(opened(file).convert("RGB")), pixels)
