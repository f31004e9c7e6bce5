"""The graph of a ladder: points where they must be, words that do not cover each other."""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from ladders import a_ladder, a_rung
from PIL import Image

from imgflow.ladder.drawing import NARROW, WIDE, draw_ladder
from imgflow.ladder.raster import paint_ladder
from imgflow.ladder.rungs import Ladder

SVG = "{http://www.w3.org/2000/svg}"
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


def drawn(ladder: Ladder, size: tuple[int, int] = WIDE) -> ET.Element:
    return ET.fromstring(draw_ladder(ladder, size))  # noqa: S314 -- ours


def ticks(svg: ET.Element, anchor: str) -> list[tuple[float, float]]:
    """Numbers on an axis, and where they stand on it."""
    along = "x" if anchor == "middle" else "y"
    found = [text for text in svg.iter(f"{SVG}text") if text.get("text-anchor") == anchor]
    numbers = [text for text in found if re.fullmatch(r"[\d,.]+", text.text or "")]
    return [
        (float((text.text or "").replace(",", "")), float(text.get(along) or 0)) for text in numbers
    ]


@SIZES
def test_marks_lie_where_the_axes_say(size: tuple[int, int]) -> None:
    ladder = a_ladder()
    svg = drawn(ladder, size)
    (kb, x), *_, (more, right) = ticks(svg, "middle")
    (low, y), *_, (high, top) = ticks(svg, "end")
    per_decade = (right - x) / math.log10(more / kb)
    per_point = (top - y) / (high - low)
    marks = {
        mark.find(f"{SVG}title").text: mark.get("d")  # type: ignore[union-attr]
        for mark in svg.iter(f"{SVG}path")
        if mark.find(f"{SVG}title") is not None
    }
    assert len(marks) == len(ladder.rungs)
    for rung in ladder.rungs:
        (outline,) = (d for told, d in marks.items() if told and told.startswith(_start(rung)))
        numbers = re.findall(r"-?\d+(?:\.\d+)?", (outline or "").replace("A", " A "))
        wanted_x = x + per_decade * math.log10(rung.bytes / 1000 / kb)
        wanted_y = y - 4 + per_point * (rung.score - low)
        if "A" in (outline or ""):  # A circle begins at its left.
            radius = float(numbers[2])
            at = float(numbers[0]) + radius, float(numbers[1])
        else:
            points = np.array(list(map(float, numbers))).reshape(-1, 2)
            at = tuple((points.min(0) + points.max(0)) / 2)
        assert at[0] == pytest.approx(wanted_x, abs=1)
        assert at[1] == pytest.approx(wanted_y, abs=1)


def _start(rung: object) -> str:
    return f"{getattr(rung, 'format')} {getattr(rung, 'quality')}: "  # noqa: B009


@SIZES
def test_all_is_on_the_page(size: tuple[int, int]) -> None:
    svg = drawn(a_ladder(), size)
    assert svg.get("viewBox") == f"0 0 {size[0]} {size[1]}"
    for text in svg.iter(f"{SVG}text"):
        width = 6.0 * len(text.text or "")
        anchor = {"middle": 0.5, "end": 1}.get(text.get("text-anchor", ""), 0)
        left = float(text.get("x") or 0) - anchor * width
        assert left >= -2
        assert left + width <= size[0] + 25, text.text
        assert 0 < float(text.get("y") or 0) < size[1]


@SIZES
def test_labels_do_not_overlap(size: tuple[int, int]) -> None:
    svg = drawn(a_ladder(), size)
    labels = [text for text in svg.iter(f"{SVG}text") if text.get("class") == "label"]
    boxes = [
        (float(text.get("x") or 0), float(text.get("y") or 0), 6.0 * len(text.text or ""))
        for text in labels
    ]
    assert len(boxes) == 7
    for index, (x, y, width) in enumerate(boxes):
        for other_x, other_y, other_width in boxes[:index]:
            apart = abs(y - other_y) >= 10 or x + width <= other_x or other_x + other_width <= x
            assert apart


def test_levels_lie_at_their_scores() -> None:
    svg = drawn(a_ladder())
    scores = dict(ticks(svg, "end"))
    levels = [
        path.get("d") or "" for path in svg.iter(f"{SVG}path") if path.get("class") == "level"
    ]
    heights = [float(level.split()[1].partition("H")[0]) for level in levels]
    assert heights == [scores[90] - 4, scores[80] - 4, scores[70] - 4]
    words = {text.text for text in svg.iter(f"{SVG}text")}
    assert {"good", "high", "visually lossless", "jpeg", "webp", "png", "score"} <= words


def test_dark_where_the_system_is_unless_it_is_for_print() -> None:
    assert "prefers-color-scheme:dark" in draw_ladder(a_ladder())
    assert "@media" not in draw_ladder(a_ladder(), adaptive=False)


def test_a_name_is_only_text() -> None:
    nasty = '<script>"&.jpg'
    svg = drawn(a_ladder(nasty))
    assert svg.get("aria-label") == f"Size and score of {nasty}, 640x480"
    assert [element.tag for element in svg.iter() if "script" in element.tag] == []


def test_one_file_is_enough() -> None:
    only = a_rung("png", "lossless", 5000, 100)
    bare = a_ladder(curves=(), lossless=(only,))
    assert len(list(drawn(bare).iter(f"{SVG}path"))) > 1


def test_very_low_scores_have_room() -> None:
    rung = a_rung("jpeg", 1, 900, -23.4)
    svg = drawn(a_ladder(curves=(), lossless=(rung,)))
    assert min(ticks(svg, "end"))[0] in {0, 10}
    words = [text.text for text in svg.iter(f"{SVG}text")]
    assert "-30" in words


def test_as_png() -> None:
    data = paint_ladder(a_ladder())
    assert data == paint_ladder(a_ladder())
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    assert picture.size == (2 * WIDE[0], 2 * WIDE[1])
    pixels = np.asarray(picture)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    for colour in ((0, 114, 178), (193, 77, 0), (85, 91, 102)):
        assert np.all(pixels == colour, axis=2).sum() > 100
    title = pixels[20:48, 24:500].min(axis=2)
    assert (title < 100).sum() > 500
