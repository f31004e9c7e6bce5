"""What was remembered is damaged, lost, carried away, or used by two at once."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cycle_site import RECIPE, STATE, Site

ALL = ["photos/a.jpg", "photos/b.jpg", "photos/c.png", "photos/cats/d.jpg"]


@pytest.fixture
def ledger(done: Site) -> Path:
    (path,) = done.path(STATE).glob("*.sqlite")
    return path


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.999])
def test_a_ledger_that_is_cut_off(done: Site, ledger: Path, share: float) -> None:
    data = ledger.read_bytes()
    ledger.write_bytes(data[: int(len(data) * share)])
    recovers(done)


@pytest.mark.parametrize("seed", range(20))
def test_a_ledger_with_garbled_bytes(done: Site, ledger: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    data = bytearray(ledger.read_bytes())
    start = dice.randrange(len(data))
    for at in range(start, min(len(data), start + dice.choice([1, 30, 3000]))):
        data[at] = dice.randrange(256)
    ledger.write_bytes(data)
    recovers(done)


@pytest.mark.parametrize("content", [b"", b"remarks of somebody\n", b"SQLite format 3\0"])
def test_another_file_in_the_place_of_the_ledger(done: Site, ledger: Path, content: bytes) -> None:
    ledger.write_bytes(content)
    recovers(done)


def test_no_state_at_all(done: Site) -> None:
    shutil.rmtree(done.path(STATE))
    assert set(done.due()) == set(ALL)
    recovers(done)


def test_a_folder_in_the_place_of_the_ledger(done: Site, ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()
    before = done.made()
    told = done.call("run", "recipe.yaml")
    assert told.code == 3
    assert "ledger" in told.err
    assert "name another folder, or remove this one" in told.err
    assert done.made() == before
    ledger.rmdir()
    recovers(done)


def test_a_file_in_the_place_of_the_folder(done: Site) -> None:
    shutil.rmtree(done.path(STATE))
    done.write(STATE, "text")
    before = done.made()
    told = done.call("run", "recipe.yaml")
    assert told.code == 0
    assert done.made() == before
    assert done.path(STATE).read_text() == "text"


@pytest.mark.parametrize("state", [True, False], ids=["with its state", "without"])
@pytest.mark.parametrize("outputs", [True, False], ids=["outputs kept in git", "not kept"])
def test_a_clone(
    done: Site, tmp_path: Path, worked: list[str], *, state: bool, outputs: bool
) -> None:
    twin = clone(done, tmp_path / "clone", outputs=outputs)
    if state:
        shutil.copytree(done.path(STATE), twin.path(STATE), copy_function=shutil.copyfile)
    twin.bring_up()
    assert sorted(worked) == ([] if state and outputs else ALL)
    assert twin.made() == done.made()
    twin.settle()
    twin.run()
    before = twin.stats()
    worked.clear()
    twin.run()
    assert worked == []
    assert twin.stats() == before


def test_a_clone_in_which_something_is_edited(
    done: Site, tmp_path: Path, worked: list[str]
) -> None:
    twin = clone(done, tmp_path / "clone", outputs=True)
    shutil.copytree(done.path(STATE), twin.path(STATE))
    twin.draw("photos/b.jpg", 9)
    twin.path("photos/c.png").unlink()
    assert list(twin.bring_up()) == worked == ["photos/b.jpg"]
    assert twin.call("clean", "recipe.yaml").out.splitlines()[-1] == "4 files removed"
    assert twin.made() == twin.fresh()


def test_one_recipe_for_two_working_directories(done: Site, tmp_path: Path) -> None:
    other = done.copy(tmp_path / "other", leave=(STATE, "dist", "recipe.yaml"))
    other.path("recipe.yaml").unlink()
    shared = done.path("recipe.yaml")
    other.path("photos/a.jpg").unlink()
    assert set(other.due(recipe=str(shared))) == set(ALL[1:])
    other.run(recipe=str(shared))
    assert other.made().items() < done.made().items()
    for site in (done, other):
        assert not site.due(recipe=str(shared))
        assert not site.orphaned(recipe=str(shared))
        assert site.call("clean", shared).out == "0 files removed\n"
    assert not other.path(STATE).exists()


def test_a_state_in_a_folder_of_its_own(done: Site, tmp_path: Path, worked: list[str]) -> None:
    elsewhere = tmp_path / "elsewhere"
    done.bring_up("--state", elsewhere)
    assert sorted(worked) == ALL
    assert done.due("--state", elsewhere) == {}
    os.rename(elsewhere, tmp_path / "carried")
    assert done.due("--state", tmp_path / "carried") == {}
    assert set(done.due("--state", elsewhere)) == set(ALL)
    assert not elsewhere.exists()


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False], ids=["one recipe", "two"])
def test_two_runs_at_once(site: Site, *, same: bool) -> None:
    for number in range(8):
        site.draw(f"photos/more/{number}.jpg", number)
    recipes = ["recipe.yaml", "recipe.yaml" if same else "other.yaml"]
    site.write("other.yaml", RECIPE.replace("out: dist", "out: other").replace("70", "50"))
    running = [start(site, recipe) for recipe in recipes]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
    assert site.made() == site.fresh()
    for recipe in recipes:
        assert not site.due(recipe=recipe)
        assert not site.orphaned(recipe=recipe)


def recovers(site: Site) -> None:
    """Let a run make all of it right, whatever it may be told."""
    before = site.made()
    site.bring_up()
    assert site.made() == before
    site.settle()
    site.run()
    assert site.due() == {}
    site.draw("photos/a.jpg", 9)
    assert site.due() == {"photos/a.jpg": ["source changed"]}
    assert list(site.bring_up()) == ["photos/a.jpg"]


def clone(site: Site, root: Path, *, outputs: bool) -> Site:
    """Put a folder under version control, and clone it."""
    site.write(".gitignore", "" if outputs else "dist\n")
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Photos"],
        ["clone", "-q", ".", str(root)],
    ):
        subprocess.run(["git", *words], cwd=site.root, check=True)
    assert not (root / STATE).exists()
    return Site(root)


def start(site: Site, recipe: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "imgflow", "run", recipe, "-q"],
        cwd=site.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
