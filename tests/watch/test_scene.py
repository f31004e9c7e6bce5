"""What a watch looks at, and in which folders it listens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import samples

from imgflow.recipe import expand, load_recipe
from imgflow.watch.folders import folders_of
from imgflow.watch.scene import Scene, scene_of

RECIPE = """\
version: 1
extends: ./parts/base.yaml
inputs: {from: [photos, one.png, "scans/*/page.tif"], exclude: ["thumbs/**"]}
overrides:
  - {match: "a.*", quality: 30}
outputs:
  - {path: "dist/{dir}/{stem}.{ext}", format: webp}
"""
BASE = """\
version: 1
steps:
  - {op: overlay, image: logo.png}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("parts", "photos/sub/deep", "photos/thumbs/old", "photos/.hidden", "dist"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "r.yaml").write_text(RECIPE)
    (tmp_path / "parts/base.yaml").write_text(BASE)
    data = samples.encoded(samples.cat())
    for name in ("logo.png", "one.png", "photos/a.png", "photos/sub/b.png"):
        (tmp_path / name).write_bytes(data)
    return tmp_path


def look(top: Path) -> Scene:
    recipe = load_recipe(str(top / "r.yaml"))
    return scene_of(recipe, None, expand(recipe))


def test_all_that_a_recipe_depends_on(site: Path) -> None:
    scene = look(site)
    assert scene.recipes == {str(site / "r.yaml"), str(site / "parts/base.yaml")}
    assert scene.files == {str(site / "logo.png")}
    assert scene.named == {str(site / "one.png")}
    assert [search.folder for search in scene.searches] == [str(site / "photos"), f"{site}/scans"]
    assert scene.sources == {
        str(site / "one.png"),
        str(site / "photos/a.png"),
        str(site / "photos/sub/b.png"),
    }


def test_inputs_that_are_given_stand_for_those_of_the_recipe(site: Path) -> None:
    recipe = load_recipe("r.yaml")
    scene = scene_of(recipe, ["photos/a.png"], expand(recipe, ["photos/a.png"]))
    assert scene.named == scene.sources == {str(site / "photos/a.png")}
    assert not scene.searches


def test_folders_of_what_is_watched(site: Path) -> None:
    folders = folders_of(look(site))
    expected = ("", "parts", "photos", "photos/sub", "photos/sub/deep")
    assert folders.keys() >= {str(site / folder) for folder in expected}
    left_out = ("dist", "photos/thumbs", "photos/thumbs/old", "photos/.hidden", "scans")
    assert not folders.keys() & {str(site / folder) for folder in left_out}


def test_the_folder_above_tells_that_one_comes(site: Path) -> None:
    scene = Scene(recipes=frozenset({str(site / "a/b/c/r.yaml")}))
    assert folders_of(scene) == {str(site): {str(site)}}
    (site / "a/b").mkdir(parents=True)
    found = {str(site / "a/b"), str(site / "a")}
    assert folders_of(scene).keys() <= found | {str(site)}
    assert str(site / "a/b") in folders_of(scene)


def test_links_are_listened_to_where_they_lead(site: Path) -> None:
    (site / "elsewhere").mkdir()
    os.symlink(site / "elsewhere", site / "linked")
    scene = Scene(named=frozenset({str(site / "linked/a.jpg")}))
    assert folders_of(scene)[str(site / "elsewhere")] == {str(site / "linked")}
