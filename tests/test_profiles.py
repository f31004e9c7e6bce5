import io

import numpy as np
import pytest
import samples
from finishing import finished, opened, profile_of
from PIL import Image, ImageCms

from imgflow.libvips import libvips
from imgflow.profiles import PROFILE, profile_name, to_srgb


def in_srgb(image: Image.Image, profile: bytes) -> np.ndarray:
    """Convert with LittleCMS, perceptually."""
    converted = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.PERCEPTUAL,
        outputMode="RGB",
    )
    return np.asarray(converted).astype(int)


def gradient() -> Image.Image:
    """Return colours from all over the cube, without hard edges."""
    y, x = np.mgrid[0:64, 0:96]
    return Image.fromarray(np.dstack([y * 4, x * 2 + 30, 255 - x * 2]).astype(np.uint8))


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB"])
def test_wide_gamut_becomes_srgb_as_littlecms_does_it(name: str) -> None:
    image = gradient()
    file = samples.encoded(image, "PNG", icc_profile=profile_of(name))

    result = opened(finished(file, {"format": "png"}).data)

    expected = in_srgb(image, profile_of(name))
    assert "icc_profile" not in result.info
    assert np.abs(np.asarray(result).astype(int) - expected).max() <= 2
    assert np.abs(np.asarray(image).astype(int) - expected).max() > 20


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_srgb_by_another_name_costs_no_pixel(kind: str) -> None:
    file = samples.encoded(samples.cat(), kind, icc_profile=profile_of("sRGB"))

    result = opened(finished(file, {"format": "png"}).data)

    assert "icc_profile" not in result.info
    assert np.array_equal(np.asarray(result), samples.cat())


@pytest.mark.parametrize("name", [None, "sRGB", "Adobe RGB", "Display P3"])
@pytest.mark.parametrize("target", ["png", "webp", "avif", "jpeg", "tiff"])
def test_p3_embeds_a_profile_under_which_colours_are_the_same(
    name: str | None, target: str
) -> None:
    image = gradient()
    profile = profile_of(name) if name else b""
    file = samples.encoded(image, "PNG", **({"icc_profile": profile} if name else {}))
    options = {"format": target, "quality": 95} | ({"effort": 1} if target == "avif" else {})

    result = opened(finished(file, options, profile="p3").data)

    expected = in_srgb(image, profile) if name else np.asarray(image).astype(int)
    found = in_srgb(result.convert("RGB"), result.info["icc_profile"])
    assert "P3" in profile_name(result.info["icc_profile"])
    assert np.abs(found - expected).mean() < 3
    if target in {"png", "tiff"}:
        assert np.percentile(np.abs(found - expected), 99) <= 4


def test_keep_leaves_pixels_and_profile_alone() -> None:
    profile = profile_of("Adobe RGB")
    file = samples.encoded(samples.cat(), "PNG", icc_profile=profile)

    result = opened(finished(file, {"format": "png"}, profile="keep").data)

    assert result.info["icc_profile"] == profile
    assert np.array_equal(np.asarray(result), samples.cat())


@pytest.mark.parametrize("target", ["jpeg", "tiff"])
def test_cmyk_is_kept_where_the_format_can_hold_it(target: str) -> None:
    file = samples.encoded(Image.fromarray(samples.cat()).convert("CMYK"), "TIFF")

    assert opened(finished(file, {"format": target}, profile="keep").data).mode == "CMYK"


@pytest.mark.parametrize("target", ["png", "webp", "gif", "avif"])
def test_cmyk_is_converted_with_a_warning_where_it_cannot_be_kept(target: str) -> None:
    file = samples.encoded(Image.fromarray(samples.cat()).convert("CMYK"), "JPEG", quality=95)
    options = {"format": target} | ({"effort": 1} if target == "avif" else {})

    result = finished(file, options, profile="keep")

    assert [note.code for note in result.notes] == ["profile-converted"]
    assert opened(result.data).mode in {"RGB", "P"}


def test_cmyk_without_profile_looks_as_it_should() -> None:
    """Pillow's arithmetic has no press in it: only what is dark and what is red must agree."""
    file = samples.encoded(Image.fromarray(samples.portrait()).convert("CMYK"), "TIFF")

    result = opened(finished(file, {"format": "png"}).data)

    gray = np.asarray(result.convert("L"))
    wanted = np.asarray(Image.fromarray(samples.portrait()).convert("L"))
    assert result.mode == "RGB"
    assert np.corrcoef(gray.ravel(), wanted.ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    "profile", [b"nonsense" * 40, profile_of("sRGB")[:200], profile_of("sRGB")]
)
def test_a_profile_that_does_not_fit_is_ignored(profile: bytes) -> None:
    pyvips = libvips()
    gray = pyvips.Image.new_from_array(samples.cameraman()).copy(interpretation="b-w")
    gray.set_type(pyvips.GValue.blob_type, PROFILE, profile)

    result = to_srgb(gray)

    assert not result.get_typeof(PROFILE)
    assert np.array_equal(result.numpy().squeeze(), samples.cameraman())


def test_a_damaged_profile_of_colours_is_ignored() -> None:
    file = samples.encoded(samples.cat(), "PNG", icc_profile=profile_of("sRGB")[:300])

    result = opened(finished(file, {"format": "png"}).data)

    assert np.array_equal(np.asarray(result), samples.cat())


def test_sixteen_bits_stay_through_a_conversion() -> None:
    pyvips = libvips()
    pixels = (samples.cat().astype(np.uint16) << 8) + 77
    image = pyvips.Image.new_from_array(pixels).copy(interpretation="rgb16")
    image.set_type(pyvips.GValue.blob_type, PROFILE, profile_of("Adobe RGB"))

    result = to_srgb(image)

    assert (result.format, result.interpretation) == ("ushort", "rgb16")
    eight = in_srgb(Image.fromarray(samples.cat()), profile_of("Adobe RGB"))
    assert np.abs((result.numpy() >> 8).astype(int) - eight).max() <= 3


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        (profile_of("Adobe RGB"), "Adobe RGB"),
        (profile_of("sRGB"), "sRGB built-in"),
        (b"", ""),
        (b"x" * 140, ""),
    ],
)
def test_the_name_of_a_profile(profile: bytes, name: str) -> None:
    assert profile_name(profile) == name
