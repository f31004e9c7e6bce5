"""What changes mean, told from paths alone."""

from __future__ import annotations

import pytest

from imgflow.recipe.sources import search_folder
from imgflow.watch.meaning import Kind, Sense, kind_of, read_changes
from imgflow.watch.scene import Scene

SCENE = Scene(
    recipes=frozenset({"/site/r.yaml", "/site/base/b.yaml"}),
    files=frozenset({"/site/logo.png"}),
    named=frozenset({"/else/one.jpg", "/else/new"}),
    searches=(
        search_folder("/site/photos", (), ("thumbs/**", "*.small.jpg")),
        search_folder("/site/scans", ("*.tif",), ()),
    ),
    sources=frozenset({"/site/photos/a.jpg", "/site/photos/sub/b.png", "/else/one.jpg"}),
)
WATCHED = frozenset({"/site", "/site/photos", "/site/photos/sub", "/else"})


@pytest.mark.parametrize(
    ("path", "kind", "sense"),
    [
        ("/site/r.yaml", "file", "recipe"),
        ("/site/r.yaml", "none", "gone"),
        ("/site/base/b.yaml", "file", "recipe"),
        ("/site/other.yaml", "file", None),
        ("/site/logo.png", "file", "recipe"),
        ("/site/logo.png", "none", "gone"),
        ("/site/photos/a.jpg", "file", "edited"),
        ("/site/photos/a.jpg", "none", "gone"),
        ("/site/photos/sub/b.png", "file", "edited"),
        ("/site/photos/new.jpg", "file", "arrived"),
        ("/site/photos/new.jpg", "none", None),
        ("/site/photos/deep/er/new.JPG", "file", "arrived"),
        ("/site/scans/page.tif", "file", "arrived"),
        ("/site/scans/page.jpg", "file", None),
        ("/else/one.jpg", "file", "edited"),
        ("/else/two.jpg", "file", None),
        ("/else/new", "file", "arrived"),
        ("/else/new", "folder", "moved"),
    ],
)
def test_files_that_matter(path: str, kind: Kind, sense: Sense | None) -> None:
    assert read_changes({path: kind}, SCENE, WATCHED) == ({sense: {path}} if sense else {})


@pytest.mark.parametrize(
    ("path", "kind", "sense"),
    [
        ("/site/photos/a.jpg.imgflow.yaml", "file", "arrived"),
        ("/site/photos/a.jpg.imgflow.yaml", "none", "gone"),
        ("/site/photos/later.jpg.imgflow.yaml", "file", "arrived"),
        ("/site/photos/text.imgflow.yaml", "file", None),
        ("/else/one.jpg.imgflow.yaml", "file", "arrived"),
        ("/site/photos/thumbs/a.jpg.imgflow.yaml", "file", None),
    ],
)
def test_files_beside_sources(path: str, kind: Kind, sense: Sense | None) -> None:
    assert read_changes({path: kind}, SCENE, WATCHED) == ({sense: {path}} if sense else {})


@pytest.mark.parametrize(
    "path",
    [
        "/site/photos/a.jpg~",
        "/site/photos/#a.jpg#",
        "/site/photos/.#a.jpg",
        "/site/photos/.a.jpg.swp",
        "/site/photos/4913",
        "/site/photos/a.jpg___jb_tmp___",
        "/site/photos/a.jpg___jb_old___",
        "/site/photos/a.jpg_exiftool_tmp",
        "/site/photos/.goutputstream-XYZ123",
        "/site/photos/.host-1.99.abcdef01.imgflow-tmp",
        "/site/photos/.imgflow/ledger-1.sqlite",
        "/site/photos/.imgflow/ledger-1.sqlite-journal",
        "/site/photos/thumbs/a.jpg",
        "/site/photos/a.small.jpg",
        "/site/dist/a.jpg",
        "/site/.imgflow/ledger-1.sqlite",
        "/site/manifest.json",
        "/sitemap/photos/a.jpg",
    ],
)
@pytest.mark.parametrize("kind", ["file", "none"])
def test_what_editors_and_imgflow_leave_around_means_nothing(path: str, kind: Kind) -> None:
    assert read_changes({path: kind}, SCENE, WATCHED) == {}


@pytest.mark.parametrize(
    ("path", "kind", "matters"),
    [
        ("/site/photos/new", "folder", True),
        ("/site/photos/sub", "none", True),
        ("/site/photos", "none", True),
        ("/site/photos", "folder", True),
        ("/site/scans", "folder", True),
        ("/site/base", "folder", True),
        ("/site/photos/thumbs", "folder", False),
        ("/site/photos/thumbs/deep", "folder", False),
        ("/site/photos/.cache", "folder", False),
        ("/site/dist", "folder", False),
        ("/site/dist", "none", False),
    ],
)
def test_folders(path: str, kind: Kind, *, matters: bool) -> None:
    expected = {"moved": {path}} if matters else {}
    assert read_changes({path: kind}, SCENE, WATCHED) == expected


def test_several_at_once() -> None:
    changes: dict[str, Kind] = {
        "/site/photos/a.jpg": "file",
        "/site/photos/sub/b.png": "file",
        "/site/photos/c.jpg": "file",
        "/site/dist/a.jpg": "file",
        "/site/r.yaml": "file",
    }
    assert read_changes(changes, SCENE) == {
        "edited": {"/site/photos/a.jpg", "/site/photos/sub/b.png"},
        "arrived": {"/site/photos/c.jpg"},
        "recipe": {"/site/r.yaml"},
    }


def test_any_recipe_may_put_right_what_is_wrong() -> None:
    loose = Scene(recipes=SCENE.recipes, loose=True)
    assert read_changes({"/site/base.yml": "file"}, loose) == {"recipe": {"/site/base.yml"}}
    assert read_changes({"/site/base.yml": "file"}, SCENE) == {}
    assert read_changes({"/site/a.jpg.imgflow.yaml": "file"}, loose) == {}


def test_kinds(tmp_path: object) -> None:
    assert kind_of(str(tmp_path)) == "folder"
    assert kind_of(__file__) == "file"
    assert kind_of(f"{tmp_path}/nothing") == "none"
    assert kind_of("nul\0") == "none"
