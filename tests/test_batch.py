"""``imgflow.run``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import samples

import imgflow
from imgflow.errors import RecipeError

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """\
version: 1
vars: {out: dist}
inputs: {from: photos}
steps: [{op: resize, width: 60}]
outputs: [{path: "{out}/{stem}.jpg", format: jpeg}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "photos" / name).write_bytes(samples.encoded(samples.cat(), "JPEG"))
    return tmp_path


def test_runs_on_the_inputs_of_the_recipe() -> None:
    results = imgflow.run("recipe.yaml")
    assert sorted(result.input for result in results) == ["photos/a.jpg", "photos/b.jpg"]
    assert sorted(os.listdir("dist")) == ["a.jpg", "b.jpg"]


def test_takes_a_loaded_recipe_and_other_inputs() -> None:
    recipe = imgflow.load_recipe("recipe.yaml", sets={"out": "elsewhere"})
    (result,) = imgflow.run(recipe, ["photos/b.jpg"])
    assert [file.path for file in result.outputs] == ["elsewhere/b.jpg"]


def test_takes_out_and_jobs() -> None:
    imgflow.run("recipe.yaml", out="there", jobs=1)
    assert sorted(os.listdir("there")) == ["a.jpg", "b.jpg"]


def test_failures_are_among_the_results(folder: Path) -> None:
    (folder / "photos" / "bad.jpg").write_bytes(b"")
    statuses = {result.input: result.status for result in imgflow.run("recipe.yaml")}
    assert statuses == {
        "photos/a.jpg": "completed",
        "photos/b.jpg": "completed",
        "photos/bad.jpg": "failed",
    }


def test_wrong_recipe() -> None:
    with pytest.raises(RecipeError, match="expected a recipe file, found nothing there"):
        imgflow.run("gone.yaml")
