from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kinds import coffee_file, kind_picture, opened, pixels_of, translucent
from PIL import Image, ImageChops
from samples import coffee, encoded, likeness

from imgflow.errors import OperationError, RecipeError
from imgflow.geometry import COMPASS, Size
from imgflow.operations.overlay import Overlay
from imgflow.operations.stamp import Spot

if TYPE_CHECKING:
    from pathlib import Path

    from imgflow.frames import Picture

#: Margin of the photograph: 2% of its shorter side.
MARGIN = 8


def over(**fields: Any) -> Picture:
    step = Overlay.parse({"op": "overlay", "image": "watermark.png", **fields})
    return step.apply(opened(coffee_file()))


def composed(mark: Image.Image, x: int, y: int) -> Any:
    """Return the photograph with a mark, composed by Pillow."""
    image = Image.fromarray(coffee()).convert("RGBA")
    image.alpha_composite(mark, (x, y))
    return np.asarray(image.convert("RGB"))


def distance(one: Any, two: Any) -> int:
    return int(np.abs(one.astype(int) - two).max())


@pytest.mark.parametrize(
    ("gravity", "x", "y"),
    [
        ("southeast", 600 - 40 - MARGIN, 400 - 20 - MARGIN),
        ("northwest", MARGIN, MARGIN),
        ("north", 280, MARGIN),
        ("west", MARGIN, 190),
        ("centre", 280, 190),
    ],
)
def test_lies_where_gravity_says(watermark: Path, gravity: str, x: int, y: int) -> None:
    found = pixels_of(over(gravity=gravity))
    assert distance(found, composed(Image.open(watermark), x, y)) <= 1


def test_offsets_are_pixels_or_shares(watermark: Path) -> None:
    found = pixels_of(over(gravity="northeast", x=30, y="10%"))
    assert distance(found, composed(Image.open(watermark), 600 - 40 - 30, 40)) <= 1


def test_scale_is_a_share_of_the_width(watermark: Path) -> None:
    found = pixels_of(over(scale=0.2, gravity="northwest", x=0, y=0))
    mark = Image.open(watermark).resize((120, 60), Image.Resampling.LANCZOS)
    assert likeness(found, composed(mark, 0, 0)) > 0.98
    assert found[30, 60].tolist() == [200, 30, 40]


def test_opacity_mixes(watermark: Path) -> None:
    found = pixels_of(over(opacity=0.25, gravity="northwest", x=0, y=0))
    mark = Image.open(watermark)
    mark.putalpha(mark.getchannel("A").point(lambda value: round(value / 4)))
    assert distance(found, composed(mark, 0, 0)) <= 1


@pytest.mark.usefixtures("watermark")
def test_opacity_zero_changes_nothing() -> None:
    assert np.array_equal(pixels_of(over(opacity=0)), coffee())


@pytest.mark.parametrize(
    ("blend", "operation"),
    [
        ("multiply", ImageChops.multiply),
        ("screen", ImageChops.screen),
        ("darken", ImageChops.darker),
        ("lighten", ImageChops.lighter),
        ("difference", ImageChops.difference),
        ("add", ImageChops.add),
        ("hard-light", ImageChops.hard_light),
    ],
)
@pytest.mark.usefixtures("watermark")
def test_blend_modes_are_those_of_pillow(blend: str, operation: Any) -> None:
    found = pixels_of(over(blend=blend, gravity="northwest", x=0, y=0))
    photo = Image.fromarray(coffee())
    flat = Image.new("RGB", photo.size, (200, 30, 40))
    wanted = np.asarray(operation(photo, flat))
    assert distance(found[5:15, 5:35], wanted[5:15, 5:35]) <= 2
    assert np.array_equal(found[20:], coffee()[20:])


@pytest.mark.usefixtures("watermark")
def test_tiles_cover_the_picture() -> None:
    found = pixels_of(over(tile=True))
    red = np.all(found == (200, 30, 40), axis=-1)
    across, down = 60, 30
    assert red[:down, :across].sum() == 32 * 12
    whole = red[: 390 // down * down]
    assert np.array_equal(whole, np.tile(red[:down, :across], (13, 10)))


@pytest.mark.usefixtures("watermark")
def test_larger_than_the_picture_is_reduced_with_a_note() -> None:
    small = opened(encoded(Image.new("RGB", (20, 30), "white")))
    found = Overlay(image="watermark.png").apply(small)
    assert found.size == (20, 30)
    assert [note.code for note in found.notes] == ["overlay-reduced"]
    red = np.argwhere(pixels_of(found)[..., 1] < 100)
    assert np.ptp(red[:, 1]) < 20
    assert np.ptp(red[:, 0]) < 10


@pytest.mark.usefixtures("watermark")
def test_gray_gains_colour_from_a_coloured_mark_only(tmp_path: Path) -> None:
    Image.new("LA", (5, 5), (255, 128)).save(tmp_path / "gray.png")
    for image, channels in (("watermark.png", 3), ("gray.png", 1)):
        found = Overlay(image=image).apply(kind_picture("png-gray"))
        assert pixels_of(found).reshape(40, 60, -1).shape[2] == channels


@pytest.mark.usefixtures("watermark")
def test_transparency_of_the_picture_stays() -> None:
    picture = opened(encoded(translucent()))
    found = pixels_of(Overlay(image="watermark.png", gravity="northwest", x=0, y=0).apply(picture))
    reference = translucent()
    reference.alpha_composite(Image.open("watermark.png"))
    assert distance(found[..., 3], np.asarray(reference)[..., 3]) <= 1


@pytest.mark.usefixtures("watermark")
def test_16_bits_stay() -> None:
    found = pixels_of(
        Overlay(image="watermark.png", gravity="centre").apply(kind_picture("png-16"))
    )
    assert found.dtype == np.uint16
    assert np.abs(found[20, 30] / 257 - (200, 30, 40)).max() < 1


def test_an_image_that_changes_is_read_again(watermark: Path) -> None:
    assert pixels_of(over(gravity="centre"))[200, 300].tolist() == [200, 30, 40]
    Image.new("RGB", (10, 10), (1, 2, 3)).save(watermark)
    os.utime(watermark, ns=(1, 1))
    assert pixels_of(over(gravity="centre"))[200, 300].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "overlay: expected an image at watermark.png, found none: No such file"),
        (b"", "overlay: watermark.png: expected an image, found an empty file"),
        (b"words", "overlay: watermark.png: expected an image"),
        (coffee_file()[:20_000], "watermark.png"),
    ],
)
def test_says_which_image_cannot_be_read(
    watermark: Path, content: bytes | None, message: str
) -> None:
    if content is None:
        watermark.unlink()
    else:
        watermark.write_bytes(content)
    with pytest.raises(OperationError, match=message) as error:
        over()
    assert error.value.code == "overlay-unreadable"


@pytest.mark.usefixtures("watermark")
def test_a_folder_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="expected an image at"):
        Overlay(image=str(tmp_path)).apply(opened(coffee_file()))


@given(data=st.data(), gravity=st.sampled_from(sorted(COMPASS)))
def test_a_spot_is_always_inside(data: st.DataObject, gravity: str) -> None:
    picture = Size(data.draw(st.integers(1, 500)), data.draw(st.integers(1, 500)))
    mark = Size(data.draw(st.integers(1, picture.width)), data.draw(st.integers(1, picture.height)))
    offset = st.none() | st.integers(0, 600) | st.sampled_from(["0%", "3.5%", "100%"])
    x, y = Spot(gravity, data.draw(offset), data.draw(offset)).locate(mark, picture)
    assert 0 <= x <= picture.width - mark.width
    assert 0 <= y <= picture.height - mark.height


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "image"),
        ({"image": "a.png", "tile": True, "x": 3}, "'tile' cannot stand beside 'x'"),
        ({"image": "a.png", "opacity": 2}, "opacity"),
        ({"image": "a.png", "blend": "glue"}, "blend"),
        ({"image": "a.png", "gravity": "faces"}, "gravity"),
    ],
)
def test_refuses_what_makes_no_sense(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Overlay.parse({"op": "overlay", **fields})


def test_a_path_that_no_file_has() -> None:
    with pytest.raises(OperationError, match="found none: embedded null"):
        over(image="a\0b")
