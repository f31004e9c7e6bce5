from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imgflow.geometry import Size
from imgflow.operations.faces import Face
from imgflow.operations.framing import frame_faces

WHOLE = Size(1000, 1000)


@st.composite
def faces(draw: st.DrawFn) -> Face:
    left, top = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
    wide, high = draw(st.floats(0.01, 1 - left)), draw(st.floats(0.01, 1 - top))
    return Face(left, top, left + wide, top + high, draw(st.floats(0.5, 1)))


sides = st.integers(1, 1500)


@given(st.lists(faces(), min_size=1, max_size=8), sides, sides, sides, sides)
def test_every_face_is_inside_whenever_the_size_allows(
    found: list[Face], wide: int, high: int, width: int, height: int
) -> None:
    whole = Size(wide, high)
    size = Size(width, height).within(whole)
    box, inside = frame_faces(found, whole, size)
    assert box.inside(whole) == box
    assert box.size == size
    across = max(face.right for face in found) - min(face.left for face in found)
    down = max(face.bottom for face in found) - min(face.top for face in found)
    if across * wide + 2 <= size.width and down * high + 2 <= size.height:
        assert set(inside) == set(found)
    for face in inside:
        assert box.x <= face.left * wide + 1e-6
        assert face.right * wide <= box.x + box.width + 1e-6
        assert box.y <= face.top * high + 1e-6
        assert face.bottom * high <= box.y + box.height + 1e-6


@given(st.lists(faces(), min_size=1, max_size=8), sides, sides)
def test_if_not_all_fit_the_largest_that_fits_is_inside(
    found: list[Face], width: int, height: int
) -> None:
    size = Size(width, height).within(WHOLE)
    fitting = [
        face
        for face in found
        if (face.right - face.left) * 1000 + 2 <= size.width
        and (face.bottom - face.top) * 1000 + 2 <= size.height
    ]
    _, inside = frame_faces(found, WHOLE, size)
    if fitting:
        first = max(
            fitting,
            key=lambda face: (face.right - face.left) * (face.bottom - face.top) * face.score,
        )
        assert first in inside or len(inside) > 0


def test_there_is_headroom_of_half_a_face() -> None:
    face = Face(0.4, 0.5, 0.5, 0.6, 0.9)
    for height in (200, 300, 900):
        box, _ = frame_faces([face], WHOLE, Size(1000, height))
        assert box.y <= 450
        assert box.y + box.height >= 630


def test_a_tight_box_still_leaves_some_room_on_all_sides() -> None:
    box, inside = frame_faces([Face(0.4, 0.4, 0.5, 0.5, 0.9)], WHOLE, Size(130, 130))
    assert len(inside) == 1
    assert box.x < 395
    assert box.x + box.width > 505
    assert box.y < 390
    assert box.y + box.height > 505


def test_a_face_larger_than_the_box_is_shown_in_part() -> None:
    box, inside = frame_faces([Face(0.2, 0.2, 0.8, 0.8, 0.9)], WHOLE, Size(100, 100))
    assert inside == ()
    assert 400 <= box.x <= 500
    assert 400 <= box.y <= 500


def test_the_larger_and_surer_face_wins() -> None:
    large, small = Face(0.0, 0.4, 0.2, 0.6, 0.9), Face(0.9, 0.4, 1.0, 0.5, 0.95)
    assert frame_faces([small, large], WHOLE, Size(300, 1000)).inside == (large,)
    unsure = large._replace(score=0.1)
    assert frame_faces([small, unsure], WHOLE, Size(300, 1000)).inside == (small,)


def test_faces_are_a_little_above_the_middle() -> None:
    box, _ = frame_faces([Face(0.45, 0.45, 0.55, 0.55, 0.9)], WHOLE, Size(500, 500))
    assert box == (250, 290, 500, 500)
