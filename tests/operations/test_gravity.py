from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from kinds import MAKERS, kind_picture, opened
from samples import cat, coffee, encoded, portrait, with_alpha

from imgflow.geometry import COMPASS, Box, Size
from imgflow.operations import gravity as gravities
from imgflow.operations.faces import Face
from imgflow.operations.gravity import SMART, analysis_copy, analysis_shrink, choose_box
from imgflow.operations.operation import ANY_SHRINK

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture


class FakeDetector:
    """Finds the faces it was told of, and remembers what it was shown."""

    def __init__(self, *faces: Face) -> None:
        self.faces = [*faces]
        self.seen: list[Image] = []

    def detect(self, image: Image) -> list[Face]:
        self.seen.append(image)
        return self.faces


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> FakeDetector:
    fake = FakeDetector()
    monkeypatch.setattr(gravities, "find_detector", lambda: fake)
    return fake


def settled(pixels: Any) -> Picture:
    return opened(encoded(pixels)).random_access()


def blob(x: int, y: int) -> Any:
    """Return a gray picture of 600x400 with one patch of noise in it."""
    pixels = np.full((400, 600, 3), 128, np.uint8)
    noise = np.random.default_rng(7).integers(0, 256, (60, 60, 3), np.uint8)
    pixels[y : y + 60, x : x + 60] = noise
    return pixels


def test_a_compass_needs_no_pixels_and_no_note(detector: FakeDetector) -> None:
    for name in COMPASS:
        box, notes = choose_box(opened(encoded(coffee())), Size(100, 400), name)
        assert box.size == (100, 400)
        assert notes == ()
    assert detector.seen == []


def test_nothing_is_looked_for_where_there_is_no_choice(detector: FakeDetector) -> None:
    assert choose_box(settled(coffee()), Size(600, 400), "faces") == (Box(0, 0, 600, 400), ())
    assert detector.seen == []


@pytest.mark.parametrize("strategy", ["attention", "entropy"])
@pytest.mark.parametrize("place", [(20, 300), (500, 20), (270, 170)])
def test_the_box_goes_where_the_detail_is(strategy: str, place: tuple[int, int]) -> None:
    box, (note,) = choose_box(settled(blob(*place)), Size(200, 150), strategy)
    assert box.x <= place[0] + 10
    assert box.x + 200 >= place[0] + 50
    assert box.y <= place[1] + 10
    assert box.y + 150 >= place[1] + 50
    assert (note.kind, note.code) == ("choice", "crop-gravity")
    assert note.details["strategy"] == note.details["asked"] == strategy
    assert note.details["confidence"] > 0.7
    assert note.details["box"] == [*box]


@pytest.mark.parametrize("strategy", ["attention", "entropy"])
def test_confidence_is_low_where_every_part_is_alike(strategy: str) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (400, 600, 3), np.uint8)
    _, (note,) = choose_box(settled(noise), Size(200, 150), strategy)
    assert note.details["confidence"] < 0.1


@pytest.mark.parametrize("strategy", SMART)
def test_a_flat_picture_is_cut_in_the_centre(strategy: str, detector: FakeDetector) -> None:
    flat = settled(np.full((400, 600, 3), 200, np.uint8))
    box, (note,) = choose_box(flat, Size(200, 100), strategy)
    assert box == (200, 150, 200, 100)
    assert note.details["strategy"] == "centre"
    assert note.details["confidence"] == 0
    assert len(detector.seen) == (strategy == "faces")


def test_faces_are_framed_and_told(detector: FakeDetector) -> None:
    detector.faces = [Face(0.8, 0.4, 0.9, 0.6, 0.9), Face(0.1, 0.1, 0.12, 0.15, 0.7)]
    box, (note,) = choose_box(settled(coffee()), Size(200, 400), "faces")
    assert box.x <= 480
    assert box.x + box.width >= 540
    assert note.details == {
        "asked": "faces",
        "strategy": "faces",
        "confidence": 0.9,
        "faces": 2,
        "inside": 1,
        "box": [*box],
    }


def test_without_faces_attention_is_used(detector: FakeDetector) -> None:
    box, (note,) = choose_box(settled(blob(500, 20)), Size(200, 400), "faces")
    assert box.x + box.width >= 550
    assert note.details["strategy"] == "attention"
    assert note.details["faces"] == 0
    assert len(detector.seen) == 1


def test_without_the_extra_there_is_a_warning_and_attention(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gravities, "find_detector", lambda: None)
    _, (warning, note) = choose_box(settled(coffee()), Size(200, 400), "faces")
    assert (warning.kind, warning.code) == ("warning", "faces-missing")
    assert "pip install 'imgflow[faces]'" in warning.message
    assert note.details["strategy"] == "attention"
    assert note.details["asked"] == "faces"


@pytest.mark.parametrize("kind", MAKERS)
def test_every_kind_can_be_looked_at(kind: str) -> None:
    copy = analysis_copy(kind_picture(kind).random_access())
    assert (copy.format, copy.bands, copy.interpretation) == ("uchar", 3, "srgb")
    assert max(copy.width, copy.height) <= 640
    picture = kind_picture(kind).random_access()
    size = Size((picture.width + 1) // 2, picture.height)
    for gravity in SMART:
        box, _ = choose_box(picture, size, gravity)
        assert box.inside(picture.size) == box


def test_a_large_picture_is_looked_at_small() -> None:
    copy = analysis_copy(settled(np.tile(cat(), (4, 4, 1))))
    assert (copy.width, copy.height) == (640, 426)


def test_what_is_transparent_does_not_draw_the_eye() -> None:
    pixels = with_alpha(blob(500, 20))
    pixels[..., 3] = 0
    _, (note,) = choose_box(settled(pixels), Size(200, 400), "attention")
    assert note.details["strategy"] == "centre"


def test_a_reduced_picture_gives_a_box_in_the_size_that_it_stands_for() -> None:
    small = settled(portrait()[::2, ::2])
    box, _ = choose_box(small.replace(width=512, height=512), Size(512, 200), "attention")
    assert box.inside(Size(512, 512)) == box
    assert box.size == (512, 200)


def test_the_choice_is_the_same_every_time() -> None:
    picture = settled(coffee())
    for gravity in SMART:
        choices = [choose_box(picture, Size(200, 300), gravity) for _ in range(3)]
        assert choices[0] == choices[1] == choices[2]


def test_how_far_a_picture_may_be_reduced_before_the_search() -> None:
    assert analysis_shrink(Size(6400, 100), "faces") == 10
    assert analysis_shrink(Size(64, 100), "faces") == 1
    assert analysis_shrink(Size(6400, 100), "north") == ANY_SHRINK
