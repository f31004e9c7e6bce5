"""The judge of all of these is Pillow's Lanczos, or NumPy for colour and opacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image as pillow  # noqa: N813
from samples import cameraman, cat, coffee, with_alpha

from imgflow.geometry import Size
from imgflow.libvips import libvips
from imgflow.operations.enlarging import enlarge, strips
from imgflow.operations.resampling import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyvips import Image

UP, DOWN, BOTH = Size(901, 599), Size(150, 101), Size(640, 120)


def image_of(pixels: Any, interpretation: str = "") -> Image:
    space = interpretation or ("b-w" if pixels.ndim == 2 else "srgb")
    image: Image = libvips().Image.new_from_array(pixels).copy(interpretation=space)
    return image


def lanczos(plane: NDArray[Any], size: Size) -> NDArray[np.float64]:
    """Resize each channel in floating point."""
    planes = [plane] if plane.ndim == 2 else np.moveaxis(plane, -1, 0)
    method = pillow.Resampling.LANCZOS
    done = [
        np.asarray(pillow.fromarray(each.astype(np.float32)).resize(size, method), np.float64)
        for each in planes
    ]
    return done[0] if plane.ndim == 2 else np.stack(done, -1)


def difference(image: Image, expected: NDArray[Any]) -> float:
    """Return the mean absolute difference, in levels of 255."""
    pixels = image.numpy().astype(float).reshape(expected.shape)
    levels = 257 if image.format == "ushort" else 1
    return float(abs(pixels - np.clip(expected, 0, 255 * levels)).mean()) / levels


#: Far below half the size libvips averages blocks first, which is a little off, but exact for
#: whites: a finer way (a larger ``gap``) is nearer to Lanczos and turns 255 into 253 or 254.
FAR = Size(60, 40)


@pytest.mark.parametrize("width", range(20, 300, 3))
def test_white_stays_white(width: int) -> None:
    white = np.full((211, 307, 3), 255, np.uint8)
    assert resample(image_of(white), Size(width, 2 * width // 3)).numpy().min() == 255


@pytest.mark.parametrize("size", [UP, DOWN, BOTH, FAR, Size(463, 309)])
@pytest.mark.parametrize("pixels", [cat(), cameraman()], ids=["rgb", "gray"])
def test_up_and_down_it_is_lanczos3(pixels: NDArray[np.uint8], size: Size) -> None:
    resized = resample(image_of(pixels), size)
    assert (resized.width, resized.height, resized.format) == (*size, "uchar")
    assert difference(resized, lanczos(pixels, size)) < (0.9 if size == FAR else 0.6)


@pytest.mark.parametrize("size", [UP, DOWN, BOTH])
def test_nothing_is_shifted(size: Size) -> None:
    expected = lanczos(coffee(), size)
    error = resample(image_of(coffee()), size).numpy() - expected
    for axis in (0, 1):
        slope = np.gradient(expected, axis=axis)
        assert abs((error * slope).sum() / (slope * slope).sum()) < 0.01


@pytest.mark.parametrize("size", [UP, DOWN, BOTH])
def test_sixteen_bits_stay_sixteen_bits(size: Size) -> None:
    deep = np.asarray(cameraman(), np.uint16) * 257 - np.arange(512, dtype=np.uint16) % 200
    resized = resample(image_of(deep, "grey16"), size)
    assert (resized.format, resized.interpretation) == ("ushort", "grey16")
    assert difference(resized, lanczos(deep, size)) < 0.5
    assert len(np.unique(resized.numpy() % 257)) > 100


@pytest.mark.parametrize("width", [5, 33, 100, 300])
def test_sixteen_bit_white_stays_white(width: int) -> None:
    white = np.full((211, 307, 3), 65535, np.uint16)
    assert resample(image_of(white, "rgb16"), Size(width, 2 * width // 3)).numpy().min() == 65535


@pytest.mark.parametrize("size", [UP, DOWN])
def test_cmyk_is_resampled_as_it_is(size: Size) -> None:
    inks = np.asarray(pillow.fromarray(coffee()).convert("CMYK"))
    resized = resample(image_of(inks, "cmyk"), size)
    assert resized.interpretation == "cmyk"
    assert difference(resized, lanczos(inks, size)) < 0.5


@pytest.mark.parametrize("size", [UP, DOWN])
def test_colours_are_weighted_by_opacity(size: Size) -> None:
    pixels = with_alpha(coffee()).astype(float)
    weights = pixels[..., 3:] / 255
    blended = lanczos(np.dstack([pixels[..., :3] * weights, pixels[..., 3:]]), size)
    seen = np.clip(blended[..., 3], 0, 255)
    resized = resample(image_of(with_alpha(coffee())), size).numpy().astype(float)
    assert abs(resized[..., 3] - seen).mean() < 0.5
    visible = seen > 8
    colours = blended[..., :3][visible] / seen[visible][:, None] * 255
    error = resized[..., :3][visible] - np.clip(colours, 0, 255)
    assert abs(error).mean() < 0.7
    assert abs(error.mean()) < 0.3


def test_what_is_hidden_does_not_shine_through() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, :20] = (255, 0, 0, 0)
    pixels[:, 20:] = (0, 0, 255, 255)
    for size in (Size(13, 13), Size(90, 90)):
        resized = resample(image_of(pixels), size).numpy()
        assert resized[..., 0][resized[..., 3] > 8].max() == 0


@pytest.mark.parametrize("size", [UP, DOWN])
@pytest.mark.parametrize("pixels", [coffee(), cameraman()], ids=["rgb", "gray"])
def test_linear_light(pixels: NDArray[np.uint8], size: Size) -> None:
    share = pixels / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    light = np.clip(lanczos(light, size), 0, 1)
    expected = 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    resized = resample(image_of(pixels), size, linear=True)
    assert (resized.format, resized.bands) == ("uchar", 1 if pixels.ndim == 2 else 3)
    assert difference(resized, expected) < 0.5


def test_linear_keeps_depth_and_opacity() -> None:
    deep = with_alpha(coffee()).astype(np.uint16) * 257
    for size in (UP, DOWN):
        resized = resample(image_of(deep, "rgb16"), size, linear=True)
        assert (resized.format, resized.interpretation, resized.bands) == ("ushort", "rgb16", 4)
        alpha = lanczos(deep[..., 3], size)
        assert difference(resized.extract_band(3), alpha) < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 2)])
@pytest.mark.parametrize("size", [(1, 1), (1, 70), (70, 1), (5, 300), (200, 200)])
def test_even_colour_stays_even_at_any_size(shape: tuple[int, int], size: tuple[int, int]) -> None:
    pixels = np.full((*shape, 3), (255, 128, 3), np.uint8)
    resized = resample(image_of(pixels), Size(*size)).numpy()
    assert resized.shape == (size[1], size[0], 3)
    assert (resized == (255, 128, 3)).all()


def test_white_stays_white_however_far_it_shrinks() -> None:
    white = image_of(np.full((600, 900, 3), 255, np.uint8))
    for width in (899, 500, 210, 100, 31, 4):
        assert resample(white, Size(width, width)).min() == 255


def test_strips_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = enlarge(image_of(coffee()), Size(1203, 1000)).numpy()
    monkeypatch.setattr("imgflow.operations.enlarging._STRIP_BYTES", 1)
    stripped = enlarge(image_of(coffee()), Size(1203, 1000)).numpy()
    assert abs(stripped.astype(int) - whole).max() <= 1


def test_strips_cover_all_rows_once() -> None:
    parts = list(strips(100, 333, 16))
    assert [part.top for part in parts[1:]] == [part.bottom for part in parts[:-1]]
    assert (parts[0].top, parts[-1].bottom) == (0, 333)
    assert all(0 <= part.first < part.last <= 100 for part in parts)


def test_large_results_are_backed_by_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = enlarge(image_of(cat()), Size(500, 400)).numpy()
    monkeypatch.setattr("imgflow.operations.enlarging.MEMORY_COPY_BYTES", 1000)
    assert (enlarge(image_of(cat()), Size(500, 400)).numpy() == in_memory).all()


def test_metadata_survive_enlarging() -> None:
    image: Any = image_of(cat()).copy()
    image.set_type(libvips().GValue.blob_type, "icc-profile-data", b"a profile")
    assert enlarge(image, Size(500, 400)).get("icc-profile-data") == b"a profile"
