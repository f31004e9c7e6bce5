"""The search for a score: real encoders, and outputs that are decoded by Pillow and scored anew."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import graphics
import numpy as np
import pytest
import samples
from PIL import Image, ImageSequence

from imgflow.encoders import parse_encoder
from imgflow.finish import Encoded, encode
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.source import Source

Score = Callable[[Any, Any], float]

BELOW, ABOVE, MISSED, MOST_ENCODES = -0.5, 2.0, -1.5, 8

#: AVIF at its default effort takes seconds a picture.
QUICK = ("jpeg", "webp", "avif fast")
PHOTOS = {
    "portrait": lambda: samples.portrait()[60:260, 100:400],
    "cat": lambda: samples.cat()[::2, ::2],
    "cup": lambda: samples.coffee()[40:240, 200:500],
    "cat, gray": lambda: samples.cat()[50:250, 100:400, 1],
    "cat, veiled": lambda: samples.with_alpha(samples.cat()[50:250, 100:400]),
    "cup, small": lambda: samples.coffee()[::8, ::8],
}


def made(pixels: Any, form: str, **said: Any) -> Encoded:
    """Encode an array as a recipe would."""
    name, _, effort = form.partition(" ")
    encoder = parse_encoder({"format": name, **({"effort": effort} if effort else {}), **said})
    return made_of(samples.encoded(pixels), encoder)


def made_of(file: bytes, encoder: Any) -> Encoded:
    picture = open_picture(Source("in", data=file), DEFAULT_LIMITS)
    return encode(picture, encoder, None, "srgb")


def seen(result: Encoded, pixels: Any) -> Any:
    """Decode a result by Pillow, with the channels of the picture it was made of."""
    image = Image.open(io.BytesIO(result.data))
    if pixels.ndim == 2:
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGBA" if pixels.shape[2] == 4 else "RGB"))


def laid_on_white(pixels: Any) -> Any:
    canvas = Image.new("RGBA", pixels.shape[1::-1], "white")
    canvas.alpha_composite(Image.fromarray(pixels))
    return np.asarray(canvas.convert("RGB"))


def roomy(pixels: Any) -> Any:
    """Mirror a small picture at its edges until the metric has all its scales."""
    room = [(0, max(0, 160 - side)) for side in pixels.shape[:2]]
    return np.pad(pixels, [*room, (0, 0)][: pixels.ndim], mode="symmetric")


def over(score: Score, result: Encoded, pixels: Any, goal: float) -> float:
    """Return by how many points a result is above its goal."""
    if pixels.ndim == 3 and pixels.shape[2] == 4 and not result.encoder.capabilities.alpha:
        pixels = laid_on_white(pixels)
    reached = score(roomy(pixels), roomy(seen(result, pixels)))
    assert result.score == pytest.approx(reached, abs=0.6)  # decoders differ by rounding
    return reached - goal


def said_to_be_missed(result: Encoded) -> bool:
    return any(note.code == "score-missed" for note in result.notes)


@pytest.mark.parametrize("form", QUICK)
def test_the_score_is_met(score: Score, form: str) -> None:
    """Few combinations, of all that are tried where time allows."""
    goals = dict(zip(PHOTOS, (70, 80, 90, 80, 75, 85), strict=True))
    for name, goal in goals.items():
        pixels = PHOTOS[name]()
        result = made(pixels, form, quality={"score": goal})
        distance = over(score, result, pixels, goal)
        assert distance > BELOW or said_to_be_missed(result), name
        assert distance < ABOVE or result.encoder.quality == "lossless", name  # type: ignore[attr-defined]
        assert result.encodes <= MOST_ENCODES, name


@pytest.mark.slow
@pytest.mark.parametrize("form", [*QUICK, "avif"])
def test_nearly_all_scores_are_met(score: Score, form: str) -> None:
    shares = []
    pictures = {**PHOTOS, "portrait, whole": samples.portrait, "cup, whole": samples.coffee}
    for pixels in [take() for take in pictures.values()][: 3 if form == "avif" else None]:
        for goal in (50, 60, 70, 75, 80, 85, 90)[:: 3 if form == "avif" else 1]:
            result = made(pixels, form, quality={"score": goal})
            distance = over(score, result, pixels, goal)
            if said_to_be_missed(result) or result.encoder.quality == "lossless":  # type: ignore[attr-defined]
                continue
            assert distance > MISSED
            assert result.encodes <= 2 * MOST_ENCODES
            shares.append(BELOW - 0.1 <= distance <= ABOVE)
    assert len(shares) >= 5
    assert np.mean(shares) >= 0.95


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_the_same_bytes_each_time(form: str) -> None:
    pixels = PHOTOS["cat"]()
    one, two = (made(pixels, form, quality="high") for _ in range(2))
    assert one.data == two.data
    assert (one.score, one.encodes) == (two.score, two.encodes)


def test_a_result_says_what_was_found() -> None:
    findings = made(PHOTOS["cat"](), "jpeg", quality="high").findings
    assert 79.5 <= findings["score"] <= 82
    assert 60 <= findings["quality"] <= 95
    assert findings["chroma"] == "4:2:0"
    assert 1 <= findings["encodes"] <= 4


def test_a_lower_goal_makes_a_smaller_file() -> None:
    pixels = PHOTOS["cup"]()
    sizes = [len(made(pixels, "jpeg", quality={"score": goal}).data) for goal in (50, 65, 80, 92)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 3 * sizes[0]


def test_full_colour_where_half_of_it_cannot_reach_the_score(score: Score) -> None:
    pixels = np.zeros((128, 128, 3), np.uint8)
    pixels[::2, :, 0] = pixels[1::2, :, 2] = 200
    pixels += np.random.default_rng(2).integers(0, 40, pixels.shape, np.uint8)
    with_half = made(pixels, "jpeg", quality={"score": 80}, chroma="4:2:0")
    assert said_to_be_missed(with_half)
    result = made(pixels, "jpeg", quality={"score": 80})
    assert result.findings["chroma"] == "4:4:4"
    assert over(score, result, pixels, 80) > BELOW


def test_lossless_where_nothing_else_reaches_the_score() -> None:
    pixels = PHOTOS["cup"]()
    result = made(pixels, "webp", quality={"score": 97})
    assert np.array_equal(seen(result, pixels), pixels)
    assert result.findings["quality"] == "lossless"
    assert result.score == 100


def test_what_cannot_be_reached_is_said() -> None:
    result = made(PHOTOS["cup"](), "jpeg", quality={"score": 100})
    (note,) = result.notes
    assert (note.kind, note.code) == ("warning", "score-missed")
    assert note.message.startswith("jpeg: a score of 100 cannot be reached, 9")
    assert note.details == {"goal": 100, "score": round(result.score or 0, 2)}


@pytest.mark.parametrize("form", ["webp", "png"])
@pytest.mark.parametrize("name", ["text_page", "screenshot", "pixel_art"])
def test_graphics_are_no_larger_than_without_loss(score: Score, form: str, name: str) -> None:
    pixels = np.asarray(graphics.GRAPHICS[name]().convert("RGB"))
    result = made(pixels, form, quality="high")
    lossless = made(pixels, form, quality="lossless")
    assert len(result.data) <= len(lossless.data)
    assert over(score, result, pixels, 80) > BELOW
    if name == "pixel_art":
        assert np.array_equal(seen(result, pixels), pixels)


@pytest.mark.parametrize("form", ["jpeg", "webp", "png"])
@pytest.mark.parametrize("size", [(1, 1), (7, 30), (20, 40), (60, 40), (96, 120)])
def test_thumbnails_look_as_good_as_asked(score: Score, form: str, size: tuple[int, int]) -> None:
    """The metric alone flatters pictures of few scales: 80 would be JPEG quality 5."""
    pixels = samples.cat()[100 : 100 + size[1], 100 : 100 + size[0]]
    result = made(pixels, form, quality="high")
    assert over(score, result, pixels, 80) > BELOW or said_to_be_missed(result)
    assert np.abs(seen(result, pixels).astype(int) - pixels).mean() < 8


def test_sixteen_bits(score: Score) -> None:
    pixels = PHOTOS["cat, gray"]()
    deep = pixels.astype(np.uint16) * 257
    result = made_of(samples.encoded(Image.fromarray(deep)), jpeg_at(80))
    assert BELOW < over(score, result, pixels, 80) < ABOVE


def jpeg_at(goal: float) -> Any:
    return parse_encoder({"format": "jpeg", "quality": {"score": goal}})


def test_every_frame_of_an_animation_is_good_enough(score: Score) -> None:
    cat = samples.cat()
    frames = [cat[top : top + 120, 120:300] for top in (20, 60, 100, 140)]
    images = [Image.fromarray(frame) for frame in frames]
    file = samples.encoded(
        images[0], "WEBP", save_all=True, append_images=images[1:], lossless=True, duration=80
    )
    encoder = parse_encoder({"format": "webp", "quality": {"score": 75}, "effort": "fast"})
    result = made_of(file, encoder)
    copies = ImageSequence.Iterator(Image.open(io.BytesIO(result.data)))
    shown = [np.asarray(copy.convert("RGB")) for copy in copies]
    scores = [score(frame, copy) for frame, copy in zip(frames, shown, strict=True)]
    assert BELOW < min(scores) - 75 < ABOVE
    assert result.frames == 4
