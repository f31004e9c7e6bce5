from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from kinds import kind_picture, opened, pixels_of
from PIL import Image, ImageDraw, ImageFont
from samples import encoded, likeness

from imgflow.errors import OperationError, RecipeError
from imgflow.operations.text import Text

if TYPE_CHECKING:
    from pathlib import Path


def written(canvas: tuple[int, int] = (400, 200), **fields: Any) -> Any:
    """Return the pixels of white words on black."""
    black = opened(encoded(Image.new("RGB", canvas)))
    return pixels_of(Text.parse({"op": "text", **fields}).apply(black))


def ink_box(pixels: Any) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is not black."""
    rows, columns = np.nonzero(pixels.max(axis=-1) > 40)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def drawn_by_pillow(text: str, size: int) -> Image.Image:
    """Return the letters in the same font, cut to the ink."""
    font = ImageFont.load_default(size)
    image = Image.new("L", (1000, 300))
    ImageDraw.Draw(image).text((100, 60), text, 255, font)
    return image.crop(image.point(lambda value: 255 * (value > 40)).getbbox())


@pytest.mark.parametrize("text", ["Hamburg", "a < b & c > d", "<b>G</b>", "© 2026"])
def test_letters_are_those_that_pillow_draws(text: str) -> None:
    left, top, right, bottom = ink_box(pixels := written(text=text, size=40, gravity="centre"))
    reference = drawn_by_pillow(text, 40)
    assert abs(right - left - reference.width) <= 0.05 * reference.width
    assert abs(bottom - top - reference.height) <= 2
    found = Image.fromarray(pixels[top:bottom, left:right, 0]).resize(reference.size)
    assert likeness(np.asarray(found), np.asarray(reference)) > 0.75


def test_other_words_look_different() -> None:
    one, two = (np.asarray(drawn_by_pillow(text, 40).resize((200, 40))) for text in ("ABC", "XYZ"))
    left, top, right, bottom = ink_box(pixels := written(text="ABC", size=40, gravity="centre"))
    found = np.asarray(Image.fromarray(pixels[top:bottom, left:right, 0]).resize((200, 40)))
    assert likeness(found, one) > likeness(found, two) + 0.2


def test_words_beyond_the_bundled_font_are_of_one_other_font() -> None:
    assert np.array_equal(written(text="Größe"), written(text="Größe", font="Sans"))


SCRIPT = """
import sys
from imgflow.libvips import libvips
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.operations.text import Text
from imgflow.source import Source
black = libvips().Image.black(400, 200, bands=3).copy(interpretation="srgb")
picture = open_picture(Source("black", data=black.write_to_buffer(".png")), DEFAULT_LIMITS)
sys.stdout.buffer.write(Text(text="Hamburg", size=40.0, gravity="centre", font=FONT)
    .apply(picture).image.write_to_buffer(".png"))
"""


@pytest.mark.parametrize("font", [None, "DejaVu Sans Bold"])
def test_draws_on_a_machine_without_fonts(tmp_path: Path, font: str | None) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    bare = {
        **os.environ,
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "XDG_CACHE_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
    }
    script = SCRIPT.replace("FONT", repr(font))
    done = subprocess.run(
        [sys.executable, "-c", script], env=bare, capture_output=True, check=True, timeout=60
    )
    path = tmp_path / "drawn.png"
    path.write_bytes(done.stdout)
    pixels = np.asarray(Image.open(path).convert("RGB"))
    left, top, right, bottom = ink_box(pixels)
    reference = drawn_by_pillow("Hamburg", 40)
    found = Image.fromarray(pixels[top:bottom, left:right, 0]).resize(reference.size)
    assert likeness(np.asarray(found), np.asarray(reference)) > 0.75


@pytest.mark.parametrize(
    ("gravity", "touched"),
    [
        ("northwest", (0, 1)),
        ("southeast", (2, 3)),
        ("south", (3,)),
        ("east", (2,)),
    ],
)
def test_lies_where_gravity_says(gravity: str, touched: tuple[int, ...]) -> None:
    box = ink_box(written(text="Word", gravity=gravity, size=20))
    distances = (box[0], box[1], 400 - box[2], 200 - box[3])
    for edge, far in enumerate(distances):
        assert (abs(far - 4) <= 1) == (edge in touched)


def test_size_may_be_a_share_of_the_height() -> None:
    assert np.array_equal(written(text="Word", size="20%"), written(text="Word", size=40))


def test_long_lines_wrap_between_words() -> None:
    words = "some words that do not fit in one line"
    one, wrapped = (ink_box(written((width, 400), text=words, size=30)) for width in (2000, 200))
    assert wrapped[2] - wrapped[0] <= 180
    assert wrapped[3] - wrapped[1] > 3 * (one[3] - one[1])


@pytest.mark.parametrize("canvas", [(40, 200), (1, 300), (300, 1), (1, 1)])
def test_what_does_not_fit_is_reduced(canvas: tuple[int, int]) -> None:
    found = written(canvas, text="Unbreakable", size=60)
    assert found.shape[1::-1] == canvas
    assert found.max() > 40


def test_line_breaks_start_lines() -> None:
    one, two = (ink_box(written(text=text, size=30)) for text in ("HH", "H\nH"))
    assert two[3] - two[1] > 2 * (one[3] - one[1])
    assert two[2] - two[0] < one[2] - one[0]


def test_colour_and_opacity() -> None:
    pixels = written(text="■■", size=60, colour="#ff8000", opacity=0.5, gravity="centre")
    assert pixels[..., 2].max() == 0
    assert abs(int(pixels[..., 0].max()) - 128) <= 1
    assert abs(int(pixels[..., 1].max()) - 64) <= 1


def test_a_box_lies_behind_the_letters() -> None:
    pixels = written(text="Word", size=40, background="#0000ff", gravity="northwest", x=10, y=10)
    left, top, right, bottom = ink_box(pixels)
    assert (left, top) == (10, 10)
    assert pixels[top, left].tolist() == [0, 0, 255]
    assert pixels[bottom - 1, right - 1].tolist() == [0, 0, 255]
    bare = ink_box(written(text="Word", size=40))
    assert (right - left, bottom - top) == (bare[2] - bare[0] + 32, bare[3] - bare[1] + 32)
    assert np.all(pixels[top:bottom, left:right].max(axis=(0, 1)) == 255)


def test_gray_stays_gray_under_gray_words() -> None:
    plain, red = Text(text="x"), Text(text="x", colour="red")
    assert pixels_of(plain.apply(kind_picture("png-gray"))).squeeze().ndim == 2
    assert pixels_of(red.apply(kind_picture("png-gray"))).shape[2] == 3


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "\ud800", "a\ufffeb"])
def test_odd_characters_do_no_harm(text: str) -> None:
    assert written(text=text).max() > 0


def test_nothing_to_draw_is_an_error() -> None:
    message = r"expected words that can be drawn, found '\\u200b': text: no text"
    with pytest.raises(OperationError, match=message) as error:
        written(text="\u200b")
    assert error.value.code == "text-undrawable"


def test_a_font_file_is_used(tmp_path: Path) -> None:
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont)
    path = tmp_path / "brand.ttf"
    path.write_bytes(font.font_bytes)
    assert np.array_equal(written(text="Word", font_file=str(path)), written(text="Word"))


@pytest.mark.parametrize("content", [None, b"no font"])
def test_says_which_font_file_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "brand.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OperationError, match=r"expected a font file at .*brand\.ttf") as error:
        written(text="Word", font_file=str(path))
    assert error.value.code == "font-unreadable"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "text"),
        ({"text": "  \n"}, "text"),
        ({"text": "a", "font": "Serif", "font_file": "a.ttf"}, "'font' cannot stand beside"),
        ({"text": "a", "size": 0}, "size"),
        ({"text": "a", "colour": "redish"}, "colour"),
    ],
)
def test_refuses_what_makes_no_sense(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Text.parse({"op": "text", **fields})


def test_letters_that_no_font_has_are_told(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts.conf"
    fonts.write_text("<fontconfig></fontconfig>")
    script = """
from PIL import Image
from imgflow import ImageProcessor
for text in ("Plain \u00a9", "Z\u00fcrich \u2013 \U0001f600", "\u0301"):
    steps = [{"op": "text", "text": "a" + text}]
    notes = ImageProcessor().process(Image.new("RGB", (300, 90)), steps).notes
    print(*[ascii(note.details["letters"]) for note in notes])
"""
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode().splitlines() == ["", r"'\xfc\u2013\U0001f600'", ""]


@pytest.mark.parametrize("fields", [{"size": "0%"}, {"size": "0.00%"}])
def test_a_size_of_nothing_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(RecipeError, match="size"):
        Text.parse({"op": "text", "text": "words", **fields})


def test_a_path_that_no_file_has() -> None:
    with pytest.raises(OperationError, match="expected a font file"):
        written(text="words", font_file="a\0b")


def test_an_error_does_not_repeat_a_novel() -> None:
    with pytest.raises(OperationError) as error:
        written(text="word " * 390 + "\n" * 40, size=4096)
    assert len(error.value.message) < 300
