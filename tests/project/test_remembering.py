"""What a project knows of earlier runs: orphans, failures, and where it can remember nothing."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

import pytest
from ledgers import make, threads

from imgflow.errors import StorageError
from imgflow.job import Failure, Result
from imgflow.project import open_project
from imgflow.recipe import load_recipe
from imgflow.storage import MemoryStorage, RoutedStorage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from imgflow.job import Job

_STEPS = """
steps: [{op: resize, width: 8}]
outputs: [{path: "dist/{dir}/{stem}.webp", format: webp}]
"""


class Site:
    """A recipe beside two folders of sources."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe = folder / "web.yaml"
        self.recipe.write_text(f"version: 1\ninputs: {{from: [a, b]}}{_STEPS}")
        self.memory = MemoryStorage()
        self.storage = RoutedStorage({"memory": lambda: self.memory})
        self.bad: set[str] = set()
        for name in ("a/1.jpg", "a/2.jpg", "b/3.jpg"):
            self.path(name).parent.mkdir(exist_ok=True)
            self.path(name).write_text(name)

    def path(self, name: str) -> Path:
        return self.folder / name

    def work(self, jobs: Iterable[Job]) -> Generator[Result]:
        for job in jobs:
            if os.path.basename(job.input) in self.bad:
                error = Failure(code="bad", message="it is bad")
                yield Result(status="failed", input=job.input, error=error, seconds=id(job) / 7)
            else:
                yield make(job)

    def run(self, *names: str, state: str | None = None) -> list[str]:
        """Return what came out: what was made, kept, or failed."""
        inputs = [str(self.path(name)) for name in names] or None
        recipe = load_recipe(str(self.recipe))
        with open_project(recipe, inputs, self.storage, state=state) as project:
            found = list(project.bring_up(self.work))
        return sorted(
            f"{os.path.basename(one.input)} {one.outputs[0].status if one.outputs else one.status}"
            for one in found
        )

    def records(self) -> list[str]:
        """Return what the bucket keeps."""
        return [uri for uri in self.memory.files if "/records/" in uri]

    def orphans(self, *names: str) -> list[str]:
        inputs = [str(self.path(name)) for name in names] or None
        recipe = load_recipe(str(self.recipe))
        with open_project(recipe, inputs, self.storage, writable=False) as project:
            return [os.path.relpath(one.path, self.folder) for one in project.orphans()]

    def failed(self) -> list[str]:
        recipe = load_recipe(str(self.recipe))
        with open_project(recipe, None, self.storage, writable=False) as project:
            return [os.path.basename(one.input) for one in project.failures()]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path)


def test_orphans_of_a_few_sources(site: Site) -> None:
    site.run()
    assert site.orphans("a") == []
    site.path("b/3.jpg").unlink()
    assert site.orphans("a") == ["dist/3.webp"]
    assert site.orphans() == ["dist/3.webp"]


def test_orphans_where_the_command_line_tells_the_sources(site: Site) -> None:
    site.recipe.write_text(f"version: 1{_STEPS}")
    site.run("a")
    site.run("b")
    assert site.orphans("b") == []
    site.path("a/1.jpg").unlink()
    assert site.orphans("b") == ["dist/1.webp"]


def test_orphans_of_what_the_recipe_lists_no_more(site: Site) -> None:
    site.run()
    site.recipe.write_text(f"version: 1\ninputs: {{from: [a]}}{_STEPS}")
    assert site.orphans("a") == []
    assert site.orphans() == ["dist/3.webp"]


def test_failures_are_remembered_until_they_are_done(site: Site) -> None:
    site.bad = {"1.jpg", "3.jpg"}
    first = ["1.jpg failed", "2.jpg written", "3.jpg failed"]
    assert site.run() == first
    assert site.failed() == ["1.jpg", "3.jpg"]
    site.bad = {"3.jpg"}
    assert site.run() == ["1.jpg written", "2.jpg kept", "3.jpg failed"]
    assert site.failed() == ["3.jpg"]
    site.path("b/3.jpg").rename(site.path("b/4.jpg"))
    assert site.run() == ["1.jpg kept", "2.jpg kept", "4.jpg written"]
    site.path("b/4.jpg").rename(site.path("b/3.jpg"))
    assert site.failed() == []


def test_a_run_of_a_few_forgets_no_other_failure(site: Site) -> None:
    site.bad = {"3.jpg"}
    site.run()
    site.run("a")
    assert site.failed() == ["3.jpg"]


def test_a_source_that_was_broken_for_a_time(site: Site) -> None:
    site.run()
    site.path("a/1.jpg").write_text("broken")
    site.bad = {"1.jpg"}
    site.run()
    assert site.failed() == ["1.jpg"]
    site.path("a/1.jpg").write_text("a/1.jpg")
    assert site.run() == ["1.jpg kept", "2.jpg kept", "3.jpg kept"]
    assert site.failed() == []


def test_the_same_failure_again_changes_no_byte(site: Site) -> None:
    site.bad = {"1.jpg"}
    site.run()
    site.run()
    path = site.path(".imgflow/ledger-1.sqlite")
    before = path.stat()
    assert site.run() == ["1.jpg failed", "2.jpg kept", "3.jpg kept"]
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)


def test_a_place_that_cannot_be_written(site: Site) -> None:
    site.path(".imgflow").write_text("not a folder")
    all_made = ["1.jpg written", "2.jpg written", "3.jpg written"]
    assert site.run() == all_made
    assert site.run() == all_made
    with open_project(load_recipe(str(site.recipe)), None, site.storage) as project:
        assert ".imgflow: expected a folder that may be written to" in project.forgetful
    with pytest.raises(StorageError) as caught:
        site.run(state=str(site.path(".imgflow")))
    assert caught.value.code == "state-unusable"


def test_a_place_that_can_be_written(site: Site) -> None:
    recipe = load_recipe(str(site.recipe))
    with open_project(recipe, None, site.storage) as project:
        assert project.forgetful == ""
    assert not site.path(".imgflow").exists()


@pytest.mark.parametrize("name", [".", "ledger"])
def test_rights_are_looked_at(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site.run()
    locked = site.path(".imgflow") / ("ledger-1.sqlite" if name == "ledger" else "")
    access = os.access

    def refuse(path: str, mode: int) -> bool:
        return os.path.abspath(path) != str(locked) and access(path, mode)

    monkeypatch.setattr(os, "access", refuse)
    with open_project(load_recipe(str(site.recipe)), None, site.storage) as project:
        assert project.forgetful
        assert {step.verdict.action for step in project.steps()} == {"keep"}


def test_a_bucket_brings_back_what_is_lost(site: Site) -> None:
    state = "memory://cache/web"
    assert site.run(state=state) == ["1.jpg written", "2.jpg written", "3.jpg written"]
    for path in site.path("dist").rglob("*.webp"):
        path.unlink()
    site.path(".imgflow/ledger-1.sqlite").unlink()
    assert site.run(state=state) == ["1.jpg kept", "2.jpg kept", "3.jpg kept"]
    assert len(list(site.path("dist").rglob("*.webp"))) == 3
    assert threads() == []


def test_stopped_early_it_leaves_no_thread(site: Site) -> None:
    for number in range(10, 30):
        site.path(f"a/{number}.jpg").write_text(f"{number}")
    recipe = load_recipe(str(site.recipe))
    with (
        open_project(recipe, None, site.storage, state="memory://cache/web") as project,
        closing(project.bring_up(site.work)) as results,
    ):
        next(results)
        next(results)
        results.close()
        assert threads() == []
    found = site.run(state="memory://cache/web")
    assert [line for line in found if "failed" in line] == []
    assert len(found) == 23
    assert len(site.records()) == 23


def test_what_is_up_to_date_comes_before_any_work(site: Site) -> None:
    site.run(state="memory://cache/web")
    for path in site.path("dist").rglob("*.webp"):
        path.unlink()
    site.path(".imgflow/ledger-1.sqlite").unlink()
    site.path("b/3.jpg").write_text("changed")
    recipe = load_recipe(str(site.recipe))
    begun = []

    def work(jobs: Iterable[Job]) -> Generator[Result]:
        begun.append(jobs)
        yield from site.work(jobs)

    state = "memory://cache/web"
    with (
        open_project(recipe, None, site.storage, state=state) as project,
        closing(project.bring_up(work)) as results,
    ):
        found = [(os.path.basename(result.input), len(begun)) for result in results]
    assert found == [("1.jpg", 0), ("2.jpg", 0), ("3.jpg", 1)]


def test_a_bucket_is_given_what_was_made_before(site: Site) -> None:
    site.run()
    kept = ["1.jpg kept", "2.jpg kept", "3.jpg kept"]
    assert site.run(state="memory://cache/web") == kept
    assert len(site.records()) == 3
    site.memory.files.clear()
    path = site.path(".imgflow/ledger-1.sqlite")
    before = path.stat().st_mtime_ns
    assert site.run(state="memory://cache/web") == kept
    assert site.memory.files == {}, "it was known to be there"
    assert path.stat().st_mtime_ns == before
    assert site.run(state="memory://cache/other") == kept
    assert len(site.records()) == 3


def test_a_bucket_that_refuses_is_given_it_again(site: Site) -> None:
    write = site.memory.write
    site.memory.write = refuse  # type: ignore[method-assign]
    with pytest.raises(StorageError, match="refused"):
        site.run(state="memory://cache/web")
    assert threads() == []
    site.memory.write = write  # type: ignore[method-assign]
    assert site.run(state="memory://cache/web") == ["1.jpg kept", "2.jpg kept", "3.jpg kept"]
    assert len(site.records()) == 3


def refuse(uri: str, data: object, properties: object = None) -> NoReturn:  # noqa: ARG001
    raise StorageError(f"{uri}: refused", code="refused")
