"""``imgflow check``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from command import Done, imgflow

Here = Callable[..., Done]
SOURCES = ["photos/cats/1.jpg", "photos/cats/2.jpg", "photos/cats/3.jpg", "photos/cup.jpg"]


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return all files and folders, with their times and bytes."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *folder.rglob("*")]
    }


@pytest.fixture
def done(folder: Path, here: Here) -> Path:
    """Return a folder in which the recipe was run."""
    assert here("run", "recipe.yaml", "--quiet").code == 0
    return folder


def spoil(folder: Path) -> None:
    """Leave one image damaged and one out of date, and one file without a source."""
    cup = folder / "photos" / "cup.jpg"
    cup.write_bytes(cup.read_bytes()[:5000])
    (folder / "dist" / "cats" / "1.jpg").unlink()
    (folder / "photos" / "cats" / "3.jpg").unlink()


def test_never_run(folder: Path, here: Here) -> None:
    before = tree(folder)
    done = here("check", "recipe.yaml")
    assert done.code == 1
    assert done.out.splitlines() == [
        *(f"stale     {source}: expected files made of it, found none" for source in SOURCES),
        "4 sources: 4 stale",
        "bring up to date: imgflow run recipe.yaml",
    ]
    assert done.err == ""
    assert tree(folder) == before


def test_up_to_date(done: Path, here: Here) -> None:
    before = tree(done)
    found = here("check", "recipe.yaml")
    assert (found.code, found.out, found.err) == (0, "4 sources: 4 fresh\n", "")
    assert tree(done) == before


def test_all_that_can_be_found(done: Path, here: Here) -> None:
    spoil(done)
    before = tree(done)
    found = here("check", "recipe.yaml")
    assert found.code == 3
    assert tree(done) == before
    assert found.out.splitlines() == [
        "failed    photos/cup.jpg: expected a whole jpeg image, found a damaged one:",
        "          VipsJpeg: premature end of JPEG image [source-corrupt]",
        "stale     photos/cats/1.jpg: expected files that are up to date, found output",
        "          missing: dist/cats/1.jpg",
        "orphan    dist/cats/3.jpg: expected only files that the recipe makes, found one",
        "          that it made once (no longer a source: photos/cats/3.jpg)",
        "3 sources: 1 fresh, 1 stale, 1 failed; 1 orphan",
        "bring up to date: imgflow run recipe.yaml",
        "remove orphans:   imgflow clean recipe.yaml",
    ]
    quiet = here("check", "recipe.yaml", "--quiet")
    assert quiet.code == 3
    assert quiet.out.splitlines() == found.out.splitlines()[:4]


def test_orphans_are_no_failure(done: Path, here: Here) -> None:
    (done / "photos" / "cup.jpg").unlink()
    found = here("check", "recipe.yaml")
    assert found.code == 0
    assert found.out.startswith("orphan    dist/cup.jpg: ")
    assert here("clean", "recipe.yaml").code == 0
    assert here("check", "recipe.yaml").out == "3 sources: 3 fresh\n"


def test_over_budget(folder: Path, here: Here) -> None:
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "budgets: {max_bytes: 100}\n")
    assert here("run", "recipe.yaml", "--quiet").code == 1
    found = here("check", "recipe.yaml")
    assert found.code == 1
    assert found.out.splitlines()[-1] == "4 sources: 4 fresh; 4 over budget"
    assert "dist/cup.jpg: expected at most 100 bytes, found " in found.out


def test_json(done: Path, here: Here) -> None:
    spoil(done)
    found = here("check", "recipe.yaml", "--json")
    assert found.code == 3
    *findings, summary = found.lines
    assert [(one["kind"], one["code"]) for one in findings] == [
        ("failed", "source-corrupt"),
        ("stale", "stale"),
        ("orphan", "orphan"),
    ]
    assert findings[1] == {
        "kind": "stale",
        "code": "stale",
        "source": "photos/cats/1.jpg",
        "path": "",
        "message": "photos/cats/1.jpg: expected files that are up to date, "
        "found output missing: dist/cats/1.jpg",
        "hint": "run: imgflow run recipe.yaml",
    }
    assert summary == {
        "summary": {
            "sources": 3,
            "fresh": 1,
            "stale": 1,
            "failed": 1,
            "over_budget": 0,
            "manifest": 0,
            "orphans": 1,
            "exit_code": 3,
        }
    }


def test_reports(done: Path, here: Here) -> None:
    spoil(done)
    before = tree(done)
    found = here("check", "recipe.yaml", "-q", "--junit", "r/check.xml", "--sarif", "check.sarif")
    assert found.code == 3
    assert tree(done).keys() - before.keys() == {
        str(done / name) for name in ("r", "r/check.xml", "check.sarif")
    }
    assert '<testcase name="photos/cats/2.jpg"' in (done / "r/check.xml").read_text()
    (run,) = json.loads((done / "check.sarif").read_bytes())["runs"]
    assert len(run["results"]) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.yaml"], "none.yaml: expected a recipe file, found nothing there"),
        (["recipe.yaml", "none"], "expected images in none, found nothing there"),
        (["recipe.yaml", "--set", "side"], "--set: expected NAME=VALUE, found 'side'"),
        (["recipe.yaml", "--junit", "recipe.yaml"], "--junit: expected a name that ends in .xml"),
        (["recipe.yaml", "--sarif", "photos"], "--sarif: expected a name that ends in .sarif or"),
        (["recipe.yaml", "--state", ""], "--state: expected a folder or s3://bucket/prefix"),
    ],
)
def test_mistakes(arguments: list[str], said: str, folder: Path, here: Here) -> None:
    before = tree(folder)
    done = here("check", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert tree(folder) == before


def test_options_are_those_of_a_run(folder: Path, here: Here) -> None:
    options = ["--set", "side=9", "--out", "my public", "--state", "state"]
    assert here("run", "recipe.yaml", "-q", *options).code == 0
    assert here("check", "recipe.yaml", *options).code == 0
    assert not (folder / ".imgflow").exists()
    (folder / "my public" / "cup.jpg").unlink()
    found = here("check", "recipe.yaml", *options)
    assert found.code == 1
    assert found.out.splitlines()[-1] == (
        "bring up to date: imgflow run recipe.yaml --out 'my public' --set side=9 --state state"
    )


def test_inputs_are_named_again_where_the_recipe_has_none(folder: Path, here: Here) -> None:
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("inputs: {from: photos}\n", ""))
    found = here("check", "recipe.yaml", "photos/cup.jpg")
    assert found.code == 1
    assert found.out.splitlines()[-1] == "bring up to date: imgflow run recipe.yaml photos/cup.jpg"


def test_long_lists_are_cut_short(folder: Path, here: Here) -> None:
    photo = (folder / "photos" / "cup.jpg").read_bytes()
    for number in range(30):
        (folder / "photos" / f"{number}.jpg").write_bytes(photo)
    found = here("check", "recipe.yaml")
    assert found.out.splitlines()[-3:-1] == ["stale     and 14 more", "34 sources: 34 stale"]
    assert len(here("check", "recipe.yaml", "--json").lines) == 35


def test_what_is_up_to_date_costs_no_process(
    done: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        pytest.fail("a job was started")

    monkeypatch.setattr("imgflow.runner.pool.WorkerPool", refuse)
    monkeypatch.setattr("imgflow.runner.run.run_alone", refuse)
    assert here("check", "recipe.yaml").code == 0
    (done / "dist" / "cup.jpg").touch()
    assert here("check", "recipe.yaml").code == 0


def test_limits(done: Path, here: Here) -> None:
    (done / "dist" / "cup.jpg").unlink()
    found = here("check", "recipe.yaml", "--max-megapixels", "0.001")
    assert found.code == 3
    assert "[source-too-large]" in found.out or "[too-many-pixels]" in found.out


def test_in_github_actions(done: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(done)
    (done / "summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(done.parent))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(done / "summary.md"))
    found = here("check", "recipe.yaml", "--json")
    assert found.code == 3
    assert len(found.lines) == 4
    assert [line.split("::")[1].split(",")[0] for line in found.err.splitlines()] == [
        f"error file={done.name}/photos/cup.jpg",
        f"error file={done.name}/photos/cats/1.jpg",
        f"warning file={done.name}/dist/cats/3.jpg",
    ]
    summary = (done / "summary.md").read_text()
    assert summary.startswith("before\n## imgflow check ")
    assert "| failed |" in summary


def test_a_summary_that_is_full_takes_no_more(
    done: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = b"x" * 1024 * 1024
    (done / "summary.md").write_bytes(full)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(done / "summary.md"))
    assert here("check", "recipe.yaml").code == 0
    assert (done / "summary.md").read_bytes() == full
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(done / "none" / "summary.md"))
    found = here("check", "recipe.yaml")
    assert found.code == 3
    assert "the summary of the step cannot be written: No such file or directory" in found.err


def test_elsewhere_nothing_is_said_to_github(done: Path, here: Here) -> None:
    spoil(done)
    assert here("check", "recipe.yaml").err == ""


def test_as_a_process_of_its_own(folder: Path) -> None:
    assert imgflow("run", "recipe.yaml", "--quiet").code == 0
    assert imgflow("check", "recipe.yaml").code == 0
    spoil(folder)
    found = imgflow("check", "recipe.yaml", GITHUB_ACTIONS="true")
    assert found.code == 3
    assert found.err.count("::error ") == 2


def test_a_name_that_is_no_text(folder: Path, here: Here) -> None:
    photo = (folder / "photos" / "cup.jpg").read_bytes()
    (folder / "photos" / "\udce9.jpg").write_bytes(photo)
    found = here("check", "recipe.yaml", "--json", "--junit", "c.xml", "--sarif", "c.sarif")
    assert found.code == 3
    first, *_ = found.lines
    assert (first["code"], first["source"]) == ("source-bad-name", "photos/\\xe9.jpg")
    assert found.lines[-1]["summary"]["sources"] == 5
    assert "source-bad-name" in (folder / "c.xml").read_text()
    assert "source-bad-name" in (folder / "c.sarif").read_text()
