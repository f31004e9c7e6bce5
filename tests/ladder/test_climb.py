"""What is measured of a picture, judged by Pillow's sizes and by the score of the same files."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import samples
from PIL import Image, ImageDraw

from imgflow.errors import OperationError, SourceError
from imgflow.ladder.climb import Climb
from imgflow.ladder.formats import choose_encoders
from imgflow.ladder.rungs import Ladder
from imgflow.quality.reference import Reference
from imgflow.source import Source


def climb(data: bytes, *names: str, width: int | None = None) -> tuple[Ladder, list[str]]:
    told: list[str] = []
    source = Source("it.png", data=data)
    work = Climb(source, choose_encoders(names, "fast"), "fast", width=width)
    made = work.climb(told.append)
    assert len(told) == work.files
    return made, told


@pytest.fixture(scope="module")
def photo() -> Ladder:
    return climb(samples.encoded(samples.cat()[40:240, 60:320]), "jpeg", "webp")[0]


def test_sizes_and_scores_rise_with_quality(photo: Ladder) -> None:
    assert [curve.format for curve in photo.curves] == ["jpeg", "webp"]
    for curve in photo.curves:
        assert len(curve.rungs) == 8
        for low, high in itertools.pairwise(curve.rungs):
            assert isinstance(low.quality, int)
            assert isinstance(high.quality, int)
            assert low.quality < high.quality
            assert low.bytes < high.bytes
            assert low.score < high.score + 0.5
        for rung in curve.rungs:
            assert rung.bits_per_pixel == pytest.approx(rung.bytes * 8 / (260 * 200), abs=1e-4)


def test_the_choices_are_those_of_the_search(photo: Ladder) -> None:
    for curve in photo.curves:
        assert [choice.goal for choice in curve.choices] == [70, 80, 90]
        for choice in curve.choices:
            assert choice.reached == (choice.rung.score >= choice.goal - 0.5)
            assert choice.encodes >= 1
            assert choice.goal in curve.goals(choice.rung)
        sizes = [choice.rung.bytes for choice in curve.choices]
        assert sizes == sorted(sizes)
        assert set(curve.steps) >= {*curve.rungs, *(choice.rung for choice in curve.choices)}


def test_the_smallest_of_those_that_reach_a_goal(photo: Ladder) -> None:
    for goal in (70, 80, 90):
        ranked = photo.ranked(goal)
        assert [rung.bytes for rung in ranked] == sorted(rung.bytes for rung in ranked)
        assert {rung.format for rung in ranked} <= {"jpeg", "webp", "png"}
        assert all(rung.score >= goal - 0.5 for rung in ranked)
        assert "png" in {rung.format for rung in ranked}


def test_png_is_what_nothing_lost_costs(photo: Ladder) -> None:
    (png,) = photo.lossless
    assert (png.format, png.quality, png.score) == ("png", "lossless", 100)
    assert not photo.graphic
    assert png.bytes < 260 * 200 * 3


def test_graphics_have_lossless_files_too() -> None:
    image = Image.new("RGB", (240, 180), "white")
    draw = ImageDraw.Draw(image)
    for step in range(6):
        draw.rectangle(
            (10 + 36 * step, 20, 36 + 36 * step, 40 + 20 * step), fill=(40 * step, 90, 9)
        )
    made, told = climb(samples.encoded(image), "webp")
    assert made.graphic
    assert [rung.format for rung in made.lossless] == ["png", "webp"]
    assert [curve.format for curve in made.curves] == ["webp", "png"]
    assert told[:2] == ["png lossless", "webp lossless"]
    assert made.ranked(90)[0].bytes < 2000


def test_a_smaller_width() -> None:
    data = samples.encoded(samples.cat(), "JPEG", quality=95)
    made, _ = climb(data, "jpeg", width=150)
    assert (made.width, made.height, made.source) == (150, 100, (451, 300))
    larger, _ = climb(samples.encoded(samples.cat()[:40, :60]), "jpeg", width=150)
    assert (larger.width, larger.height) == (60, 40)


@pytest.mark.parametrize("depth", ["alpha", "gray", "deep"])
def test_other_kinds_of_pictures(depth: str) -> None:
    photo: Any = samples.cat()[100:164, 100:180]
    if depth == "alpha":
        photo = samples.with_alpha(photo)
    elif depth == "gray":
        photo = np.ascontiguousarray(photo[..., 1])
    else:
        photo = photo[..., 1].astype(np.uint16) * 257
    made, _ = climb(samples.encoded(photo), "jpeg")
    (curve,) = (curve for curve in made.curves if curve.format == "jpeg")
    assert curve.rungs[-1].score > curve.rungs[0].score + 5
    assert curve.rungs[-1].score > 80


def test_only_the_first_frame() -> None:
    frames = [Image.fromarray(np.roll(samples.cat()[:60, :80], by, axis=1)) for by in (0, 9)]
    data = samples.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    made, _ = climb(data, "jpeg")
    assert (made.width, made.height) == (80, 60)
    (note,) = made.notes
    assert note.message == "it.png: only the first of 2 frames was encoded"


def test_what_cannot_be_measured() -> None:
    with pytest.raises(OperationError, match="at least 8x8 pixels") as small:
        climb(samples.encoded(samples.cat()[:5, :20]), "jpeg")
    assert small.value.code == "too-small-to-compare"
    with pytest.raises(SourceError):
        climb(b"no picture", "jpeg")


def test_the_same_twice() -> None:
    data = samples.encoded(samples.cat()[100:164, 100:180])
    assert climb(data, "jpeg", "webp") == climb(data, "jpeg", "webp")


@pytest.mark.parametrize(("names", "judges"), [(("jpeg", "webp"), 2), (("webp", "avif"), 1)])
def test_files_that_show_the_same_have_one_judge(
    names: tuple[str, ...], judges: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the metric computes of the picture is computed once for each ground it is laid on."""
    seen: list[Any] = []

    class Counted(Reference):
        def __init__(self, image: Any) -> None:
            seen.append(image)
            super().__init__(image)

    monkeypatch.setattr("imgflow.quality.reference.Reference", Counted)
    climb(samples.encoded(samples.with_alpha(samples.cat()[100:164, 100:180])), *names)
    assert len(seen) == judges
