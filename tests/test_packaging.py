"""The wheel: all that is needed is in it, and it works far from the repository."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), "."]
    subprocess.run(build, check=True, cwd=ROOT)
    (wheel,) = folder.glob("imgflow-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


PROGRAM = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import imgflow
assert imgflow.__file__.startswith(sys.path[0])
from imgflow.__main__ import main
main()
"""


def imgflow(unpacked: Path, *arguments: str) -> str:
    """Run the unpacked package in an empty folder."""
    elsewhere = unpacked.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    run = [sys.executable, "-c", PROGRAM, str(unpacked), *arguments]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=elsewhere)
    return done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "cli/starter.yaml",
        "data/recipes/web-photo.yaml",
        "data/schema/recipe.schema.json",
        "data/schema/job.schema.json",
        "data/schema/result.schema.json",
    ],
)
def test_the_wheel_holds(unpacked: Path, name: str) -> None:
    assert (unpacked / "imgflow" / name).is_file()


def test_tests_and_examples_stay_out(unpacked: Path) -> None:
    assert {path.name.split("-")[0] for path in unpacked.iterdir()} == {"imgflow"}


def test_named_recipes_are_found_anywhere(unpacked: Path) -> None:
    listed = imgflow(unpacked, "recipes")
    for recipe in (ROOT / "recipes").glob("*.yaml"):
        assert recipe.stem in listed


def test_a_named_recipe_runs_anywhere(unpacked: Path) -> None:
    photo = ROOT / "examples" / "photos" / "pebbles.jpg"
    imgflow(unpacked, "run", "email", str(photo), "--out", str(unpacked.parent / "out"))
    assert list((unpacked.parent / "out").rglob("*.jpg"))


def test_the_schema_is_printed_anywhere(unpacked: Path) -> None:
    committed = (ROOT / "schema" / "recipe.schema.json").read_text()
    assert imgflow(unpacked, "schema", "recipe").strip() == committed.strip()
