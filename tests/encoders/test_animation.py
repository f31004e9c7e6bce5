from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import samples
from finishing import finished, opened
from PIL import Image, ImageSequence

DELAYS = [40, 100, 250]


def frames() -> list[Image.Image]:
    """Return three frames of 90x60 that differ all over."""
    cat = samples.cat()
    return [Image.fromarray(cat[60 * n : 60 * n + 60, 100:190]) for n in range(3)]


def animation(kind: str, loop: int = 0) -> bytes:
    stream = io.BytesIO()
    first, *rest = frames()
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    first.save(
        stream, kind, save_all=True, append_images=rest, duration=DELAYS, loop=loop, **options
    )
    return stream.getvalue()


@pytest.mark.parametrize("source", ["GIF", "WEBP"])
@pytest.mark.parametrize("target", ["gif", "webp"])
def test_frames_delays_and_loop_are_kept(source: str, target: str) -> None:
    result = finished(animation(source), {"format": target})

    image = Image.open(io.BytesIO(result.data))
    found = [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]
    assert result.frames == len(found) == 3
    assert result.notes == ()
    for one, two in zip(found, frames(), strict=True):
        assert one.size == two.size
        assert np.abs(np.asarray(one).astype(int) - np.asarray(two)).mean() < 8
    assert _delays(result.data) == DELAYS
    assert image.info["loop"] == 0


@pytest.mark.parametrize("source", ["GIF", "WEBP"])
@pytest.mark.parametrize("target", ["gif", "webp"])
def test_a_bounded_loop_is_kept(source: str, target: str) -> None:
    """GIF counts repetitions, WebP runs: three runs are two repetitions."""
    runs = {"GIF": 2, "WEBP": 3}

    result = finished(animation(source, loop=runs[source]), {"format": target})

    assert Image.open(io.BytesIO(result.data)).info["loop"] == runs[target.upper()]


@pytest.mark.parametrize("target", ["jpeg", "png", "tiff", "avif"])
def test_a_still_format_takes_the_first_frame_with_a_warning(target: str) -> None:
    options = {"effort": 1} if target == "avif" else {}

    result = finished(animation("WEBP"), {"format": target, **options})

    image = opened(result.data)
    assert (image.size, getattr(image, "n_frames", 1), result.frames) == ((90, 60), 1, 1)
    wanted = np.asarray(frames()[0]).astype(int)
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - wanted).mean() < 6
    (note,) = result.notes
    assert (note.kind, note.code, note.details) == ("warning", "first-frame-only", {"frames": 3})
    assert note.message == f"{target} holds no animation: the first of 3 frames is kept"


def test_frames_that_nearly_repeat_can_be_merged() -> None:
    still = np.asarray(frames()[0])
    noisy = [
        Image.fromarray(np.clip(still.astype(int) + shift, 0, 255).astype(np.uint8))
        for shift in (0, 2, 4)
    ]
    stream = io.BytesIO()
    noisy[0].save(stream, "WEBP", save_all=True, append_images=noisy[1:], lossless=True)

    exact, merged = (
        len(finished(stream.getvalue(), {"format": "gif", "dither": 0, **more}).data)
        for more in ({}, {"max_frame_error": 16})
    )

    assert merged < exact


@pytest.mark.parametrize("colours", [2, 16, 256])
def test_colours_of_a_gif(colours: int) -> None:
    data = finished(samples.encoded(samples.cat()), {"format": "gif", "colours": colours}).data

    found = opened(data).convert("RGB").getcolors(1 << 20)
    assert found
    assert len(found) <= colours


def _delays(data: bytes) -> list[float]:
    image = Image.open(io.BytesIO(data))
    found = []
    for index in range(3):
        image.seek(index)
        image.load()
        found.append(image.info["duration"])
    return found
