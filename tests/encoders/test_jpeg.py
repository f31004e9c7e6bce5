from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import samples
from finishing import finished, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgflow.encoders.mozjpeg import PROGRESSIVE_ABOVE


def is_progressive(file: bytes) -> bool:
    """Look for the frame header of progressive DCT before the first scan."""
    return b"\xff\xc2" in file[: file.index(b"\xff\xda")]


def noise(side: int) -> samples.Pixels:
    """Return black and white noise, the heaviest picture there is."""
    return np.random.default_rng(1).integers(0, 2, (side, side, 3), np.uint8) * 255


def detailed(width: int, height: int, share: float) -> samples.Pixels:
    """Return a picture that is flat but for a share of it at the top."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    rows = round(height * share)
    pixels[:rows] = np.random.default_rng(2).integers(0, 256, (rows, width, 3), np.uint8)
    return pixels


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    share=st.floats(0, 1),
    quality=st.sampled_from([1, 30, 60, 85, 95, 100]),
    effort=st.integers(0, 3),
)
def test_progressive_exactly_above_ten_kilobytes(
    width: int, height: int, share: float, quality: int, effort: int
) -> None:
    """Only where the baseline file is over the mark and the progressive is not may it differ."""
    file = samples.encoded(detailed(width, height, share), "PNG", compress_level=1)
    options = {"format": "jpeg", "quality": quality, "effort": effort}

    data = finished(file, options).data

    baseline = finished(file, {**options, "progressive": False}).data
    if len(data) > PROGRESSIVE_ABOVE or len(baseline) > PROGRESSIVE_ABOVE:
        assert is_progressive(data)
    else:
        assert not is_progressive(data)


@pytest.mark.parametrize("mode", ["rgb", "gray"])
@pytest.mark.parametrize("side", [60, 200, 1500, 2400])
def test_flat_pictures_of_any_size_are_judged_by_their_bytes(side: int, mode: str) -> None:
    shape = (side, side, 3) if mode == "rgb" else (side, side)
    file = samples.encoded(np.full(shape, 99, np.uint8), "PNG")

    data = finished(file, {"format": "jpeg"}).data

    baseline = finished(file, {"format": "jpeg", "progressive": False}).data
    assert is_progressive(data) == (len(baseline) > PROGRESSIVE_ABOVE)


@pytest.mark.parametrize("quality", [50, 85, 95, 96, 100])
@pytest.mark.parametrize("effort", [0, 1])
def test_no_picture_is_heavier_than_assumed(quality: int, effort: int) -> None:
    """Small pictures are encoded once, as baseline: none of them may come out over the mark."""
    for side in range(16, 120, 8):
        file = samples.encoded(noise(side))
        data = finished(
            file, {"format": "jpeg", "quality": quality, "effort": effort, "chroma": "4:4:4"}
        ).data
        assert len(data) <= PROGRESSIVE_ABOVE or is_progressive(data)


@pytest.mark.parametrize("effort", ["fast", "balanced", "max", 1])
@pytest.mark.parametrize("progressive", [True, False])
@pytest.mark.parametrize("side", [32, 400])
def test_progressive_can_be_forced(progressive: bool, side: int, effort: str | int) -> None:
    file = samples.encoded(noise(side))

    options = {"format": "jpeg", "progressive": progressive, "effort": effort}
    data = finished(file, options).data

    assert is_progressive(data) == progressive


def test_the_fast_way_is_baseline_however_large_the_file() -> None:
    data = finished(samples.encoded(noise(400)), {"format": "jpeg", "effort": "fast"}).data

    assert len(data) > PROGRESSIVE_ABOVE
    assert not is_progressive(data)


def test_more_effort_saves_bytes_at_the_same_look() -> None:
    file = samples.encoded(samples.coffee())
    results = [
        finished(file, {"format": "jpeg", "effort": effort, "progressive": effort > 1}).data
        for effort in range(4)
    ]

    assert sorted({len(result) for result in results}, reverse=True) == [
        len(result) for result in results
    ]
    for result in results:
        assert samples.likeness(samples.decoded(result), samples.coffee()) > 0.92


@pytest.mark.parametrize(
    ("background", "corner"),
    [(None, (255, 255, 255)), ("#336699", (0x33, 0x66, 0x99)), ("black", (0, 0, 0))],
)
@pytest.mark.parametrize("gray", [False, True])
def test_transparency_is_laid_on_the_background(
    background: str | None, corner: tuple[int, int, int], gray: bool
) -> None:
    image = opened(samples.encoded(samples.with_alpha(samples.cat())))
    file = samples.encoded(image.convert("LA") if gray else image)
    options: dict[str, Any] = {"format": "jpeg", "quality": 95}

    result = finished(file, options | ({"background": background} if background else {}))

    pixels = samples.decoded(result.data, "RGB").astype(int)
    assert np.abs(pixels[0, 0] - corner).max() <= 4
    assert (
        np.abs(
            pixels[150, 225]
            - np.asarray(image.convert("LA" if gray else "RGB").convert("RGB"))[150, 225]
        ).max()
        <= 12
    )
    assert [note.code for note in result.notes] == ["alpha-flattened"]
    assert result.notes[0].kind == "warning"


@pytest.mark.parametrize("depth", [8, 16])
def test_an_opaque_alpha_channel_is_dropped_without_a_word(depth: int) -> None:
    from imgflow.libvips import libvips

    pixels = np.dstack([samples.cat(), np.full(samples.cat().shape[:2], 255, np.uint8)])
    image = libvips().Image.new_from_array(pixels).copy(interpretation="srgb")
    file = (image.colourspace("rgb16") if depth == 16 else image).pngsave_buffer()

    result = finished(file, {"format": "jpeg", "quality": 95})

    assert result.notes == ()
    assert samples.likeness(samples.decoded(result.data), samples.cat()) > 0.95


def test_sixteen_bits_on_a_background() -> None:
    from imgflow.libvips import libvips

    pixels = samples.with_alpha(samples.cat())
    image = libvips().Image.new_from_array(pixels).copy(interpretation="srgb")

    eight, sixteen = (
        samples.decoded(finished(file, {"format": "jpeg", "quality": 95}).data).astype(int)
        for file in (image.pngsave_buffer(), image.colourspace("rgb16").pngsave_buffer())
    )

    assert np.abs(eight - sixteen).mean() < 1
