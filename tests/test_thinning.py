"""Widths that a source hardly has, or does not have: they are left out, and nothing is enlarged."""

from __future__ import annotations

from pathlib import Path

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgflow.execute import execute
from imgflow.geometry import Size
from imgflow.job import Output
from imgflow.limits import DEFAULT_LIMITS
from imgflow.preview import preview
from imgflow.recipe import parse_recipe
from imgflow.recipe.expand import expand
from imgflow.source import Source
from imgflow.storage import open_storages
from imgflow.target import take_aim

RECIPE = """\
version: 1
steps: {steps}
outputs:
  - {{path: "{out}/{{stem}}-{{width}}.{{ext}}", widths: {widths}, formats: [webp, jpeg]}}
"""


def made(folder: Path, width: int, widths: list[int], steps: str = "[]") -> list[int]:
    """Return the widths of the files that a recipe makes, once it is clear that preview agrees."""
    source = folder / "cup.jpg"
    photo = Image.fromarray(samples.coffee()).resize((width, width // 2))
    source.write_bytes(samples.encoded(photo, "JPEG"))
    text = RECIPE.format(steps=steps, out=folder / "out", widths=widths)
    [job] = expand(parse_recipe(text), [str(source)])
    told = preview(job, Source(str(source), path=str(source)), DEFAULT_LIMITS)
    result = execute(job, open_storages())
    assert result.error is None
    assert [file.path for file in told.outputs] == [file.path for file in result.outputs]
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(
        Path(file.path).name for file in result.outputs
    )
    found = [file.width for file in result.outputs]
    assert found[::2] == found[1::2]
    return found[::2]


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ([100, 200, 400], [100, 200, 400]),
        ([100, 319, 320, 399, 900], [100, 319, 400]),
        ([100, 350, 380], [100, 380]),
        ([400, 500, 600], [400]),
        ([500], [400]),
        ([390], [390]),
    ],
)
def test_one_stands_in_for_all_that_are_close(
    tmp_path: Path, widths: list[int], expected: list[int]
) -> None:
    assert made(tmp_path, 400, widths) == expected


def test_what_counts_is_the_picture_that_the_steps_make(tmp_path: Path) -> None:
    steps = "[{op: crop, width: 200, height: 100}]"
    assert made(tmp_path, 400, [100, 190, 300], steps) == [100, 200]


def test_a_size_that_only_pixels_tell(tmp_path: Path) -> None:
    assert made(tmp_path, 400, [100, 390, 900], "[{op: trim}]") == [100, 400]


@given(st.integers(1, 3000), st.lists(st.integers(1, 3000), min_size=2, max_size=6, unique=True))
def test_the_largest_is_always_made_and_none_near_it(width: int, widths: list[int]) -> None:
    outputs = [
        Output(
            path="{width}",
            steps=({"op": "resize", "width": one, "enlarge": False},),
            encoder={"format": "webp"},
            widths=tuple(widths),
        )
        for one in widths
    ]
    targets = take_aim(outputs, (), Size(width, 100), "jpeg")
    asked = [target.output.steps[0]["width"] for target in targets]
    assert max(widths) in asked
    assert all(one < 0.8 * width for one in asked if one != max(widths))
    assert {one for one in widths if one < 0.8 * width} <= set(asked)
