"""AVIF's own options, as Pillow's libavif reads what they make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import samples
from finishing import finished, opened
from PIL import Image

from imgflow.encoders.heif import Avif
from imgflow.nature import Nature

#: Behind this name is AV1's configuration (AV1-ISOBMFF 2.3.3); its third byte has these flags.
_CONFIGURATION = b"av1C"
_HIGH_BITS, _HALVED = 0x40, 0x0C


def cat() -> bytes:
    """Return a photograph of 150x100."""
    small = Image.fromarray(samples.cat()).resize((150, 100), Image.Resampling.LANCZOS)
    return samples.encoded(small)


def coding(file: bytes) -> tuple[int, str]:
    """Return bits a channel, where they are 8 or 10, and how finely colour is sampled."""
    flags = file[file.index(_CONFIGURATION) + 6]
    return 10 if flags & _HIGH_BITS else 8, "4:2:0" if flags & _HALVED == _HALVED else "4:4:4"


def avif(file: bytes, **options: Any) -> bytes:
    return finished(file, {"format": "avif", **options}).data


@pytest.mark.parametrize("depth", [8, 10])
def test_any_depth_keeps_the_colours(depth: int) -> None:
    original = samples.decoded(cat(), "RGB")

    data = avif(cat(), bit_depth=depth, quality=90, effort=1)

    assert coding(data)[0] == depth
    result = samples.decoded(data, "RGB")
    shift = (result.astype(float) - original).mean(axis=(0, 1))
    assert np.abs(shift).max() < 1.0  # decoders of 10 bits are off by up to half a level
    assert samples.likeness(result, original) > 0.97


@pytest.mark.parametrize("depth", [8, 10])
def test_black_and_white_stay_so(depth: int) -> None:
    halves = np.repeat(np.array([[0, 255]], np.uint8), 32, axis=1).repeat(64, axis=0)
    file = samples.encoded(np.dstack([halves] * 3))

    result = samples.decoded(avif(file, bit_depth=depth, quality=95, effort=1), "RGB").astype(int)

    assert result[:, :24].max() <= 2
    assert result[:, 40:].min() >= 253


@pytest.mark.parametrize(
    ("options", "chroma"),
    [
        ({"quality": 60}, "4:2:0"),
        ({"quality": 90}, "4:4:4"),
        ({"quality": 60, "chroma": "4:4:4"}, "4:4:4"),
        ({"quality": "good"}, "4:4:4"),
        ({"quality": "good", "chroma": "4:2:0"}, "4:2:0"),
    ],
)
def test_chroma_is_the_one_said_and_full_where_a_goal_is(
    options: dict[str, Any], chroma: str
) -> None:
    assert coding(avif(cat(), effort=0, **options))[1] == chroma


def test_a_depth_that_is_said_is_kept_on_the_way_to_a_goal() -> None:
    data = avif(cat(), quality={"score": 75}, bit_depth=10, effort=0)

    assert coding(data) == (10, "4:4:4")


@pytest.mark.parametrize(("word", "number"), [("fast", 0), ("balanced", 4), ("max", 4)])
def test_words_for_effort(word: str, number: int) -> None:
    assert avif(cat(), effort=word) == avif(cat(), effort=number)
    assert avif(cat(), effort=word) != avif(cat(), effort=3)


@pytest.mark.slow
def test_balanced_spends_less_on_large_pictures() -> None:
    large = np.full((2020, 2000, 3), 90, np.uint8)
    large[:300, :451] = samples.cat()
    file = samples.encoded(large, compress_level=1)

    assert avif(file) == avif(file, effort=3)
    assert avif(file) != avif(file, effort=4)


def test_a_smaller_file_at_one_score_with_more_effort() -> None:
    hasty, patient = (
        len(avif(cat(), quality={"score": 75}, effort=effort)) for effort in ("fast", "balanced")
    )

    assert patient < hasty


def test_the_predicted_curve_knows_what_shifts_scores() -> None:
    (way,) = Avif(quality="high").ways(Nature(), 80)

    assert way.curve == "avif-4:4:4"
    assert Avif(chroma="4:2:0").curve == "avif-4:2:0"
    assert Avif(effort="fast").curve == Avif(effort=1).curve == "avif-fast-4:4:4"
    assert Avif(effort=2).curve == Avif(effort="max").curve


def test_lossless_is_exact_at_any_effort() -> None:
    original = samples.decoded(cat(), "RGB")

    assert np.array_equal(
        np.asarray(opened(avif(cat(), quality="lossless")).convert("RGB")), original
    )
