"""What a check of a project finds."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import pytest
import samples
from findings import COMMANDS

from imgflow.check import Checked, check
from imgflow.execute import execute
from imgflow.job import Job, Result
from imgflow.limits import DEFAULT_LIMITS
from imgflow.project import open_project
from imgflow.recipe import load_recipe
from imgflow.runner.proof import prove
from imgflow.storage import open_storages

RECIPE = """\
version: 1
inputs: {{from: photos}}
{more}
steps:
  - {{op: resize, width: {width}}}
outputs:
  - {{path: "dist/{{stem}}.{{ext}}", format: jpeg}}
"""


class Site:
    """A folder with photos and a recipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.proven: list[str] = []
        self.storage = open_storages()
        (folder / "photos").mkdir()
        for name in ("a", "b", "c"):
            self.photo(name)
        self.recipe()

    def photo(self, name: str, data: bytes | None = None) -> None:
        path = self.folder / "photos" / f"{name}.jpg"
        path.write_bytes(samples.encoded(samples.cat(), "JPEG") if data is None else data)

    def recipe(self, more: str = "", width: int = 20) -> None:
        (self.folder / "recipe.yaml").write_text(RECIPE.format(more=more, width=width))

    def run(self) -> None:
        with open_project(load_recipe("recipe.yaml"), None, self.storage) as project:
            for _ in project.bring_up(self._work(execute)):
                pass
            project.write_manifest()

    def check(self, inputs: list[str] | None = None) -> Checked:
        self.proven = []
        recipe = load_recipe("recipe.yaml")
        with open_project(recipe, inputs, self.storage, writable=False) as project:
            return check(project, self.storage, self._prove, COMMANDS)

    def kinds(self) -> list[tuple[str, str, str]]:
        return [(one.kind, one.code, one.place) for one in self.check().findings]

    def _prove(self, jobs: list[Job]) -> Generator[Result]:
        self.proven = [job.input for job in jobs]
        return self._work(prove)(jobs[::-1])

    def _work(self, how: Callable[..., Result]) -> Callable[[Iterable[Job]], Generator[Result]]:
        def work(jobs: Iterable[Job]) -> Generator[Result]:
            yield from (how(job, self.storage, DEFAULT_LIMITS) for job in jobs)

        return work


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path)


def test_what_was_never_run(site: Site) -> None:
    found = site.check()
    assert [(one.code, one.message, one.hint) for one in found.findings] == [
        (
            "never-made",
            f"photos/{name}.jpg: expected files made of it, found none",
            "run: imgflow run recipe.yaml",
        )
        for name in "abc"
    ]
    assert site.proven == ["photos/a.jpg", "photos/b.jpg", "photos/c.jpg"]


def test_what_was_run_needs_no_proof(site: Site) -> None:
    site.run()
    found = site.check()
    assert found.findings == ()
    assert found.sources == ("photos/a.jpg", "photos/b.jpg", "photos/c.jpg")
    assert site.proven == []


def test_why_it_is_not_up_to_date(site: Site) -> None:
    site.run()
    site.recipe(width=30)
    (site.folder / "dist/b.jpg").write_bytes(b"mine")
    site.photo("c", samples.encoded(samples.coffee(), "JPEG"))
    texts = [one.message for one in site.check().findings]
    assert texts == [
        f"photos/{name}.jpg: expected files that are up to date, found {why}"
        for name, why in (
            ("a", "steps[0].width: 20 -> 30"),
            ("b", "steps[0].width: 20 -> 30, output edited: dist/b.jpg"),
            ("c", "source changed, steps[0].width: 20 -> 30"),
        )
    ]


def test_what_cannot_be_made_is_not_called_stale(site: Site) -> None:
    site.photo("b", samples.encoded(samples.cat(), "JPEG")[:2000])
    found = site.check()
    assert [(one.kind, one.place) for one in found.findings] == [
        ("failed", "photos/b.jpg"),
        ("stale", "photos/a.jpg"),
        ("stale", "photos/c.jpg"),
    ]
    site.run()
    (failed,) = site.check().findings
    assert failed.code == "source-corrupt"
    assert failed.message.startswith("photos/b.jpg: expected a whole jpeg image, found a damaged")


def test_a_name_that_is_no_text(site: Site) -> None:
    odd = samples.encoded(samples.cat(), "JPEG")
    (site.folder / "photos" / "z\udce9.jpg").write_bytes(odd)
    found = site.check([str(site.folder / "photos")])
    assert found.counts["sources"] == 4


def test_budgets_the_worst_first(site: Site) -> None:
    site.photo("c", samples.encoded(samples.coffee(), "JPEG"))
    site.recipe("budgets: {max_bytes: 300, max_total_bytes: 500}")
    assert not [kind for kind, *_ in site.kinds() if kind == "budget"]
    site.run()
    found = [one for one in site.check().findings if one.kind == "budget"]
    assert {one.code for one in found} == {"max_bytes", "max_total_bytes"}
    excess = {
        one.code + one.path: (
            sum(path.stat().st_size for path in (site.folder / "dist").iterdir()) / 500
            if one.code == "max_total_bytes"
            else (site.folder / one.path).stat().st_size / 300
        )
        for one in found
    }
    assert list(excess.values()) == sorted(excess.values(), reverse=True)
    assert found[0].hint.endswith("in recipe.yaml")


def test_budgets_are_judged_by_what_is_up_to_date(site: Site) -> None:
    site.recipe("budgets: {max_bytes: 100}")
    site.run()
    (site.folder / "dist/a.jpg").unlink()
    assert [(kind, place) for kind, _, place in site.kinds()] == [
        ("budget", "photos/b.jpg"),
        ("budget", "photos/c.jpg"),
        ("stale", "photos/a.jpg"),
    ]


def test_the_manifest(site: Site) -> None:
    site.recipe("manifest: dist/manifest.json")
    assert ("manifest", "manifest-missing", "dist/manifest.json") in site.kinds()
    site.run()
    assert site.kinds() == []
    manifest = site.folder / "dist/manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole.replace(b"a.jpg", b"x.jpg"))
    assert site.kinds() == [("manifest", "manifest-differs", "dist/manifest.json")]
    site.photo("d")
    assert site.kinds() == [("stale", "never-made", "photos/d.jpg")]
    manifest.unlink()
    assert site.kinds()[1:] == [("manifest", "manifest-missing", "dist/manifest.json")]


def test_a_manifest_beside_an_image_that_fails(site: Site) -> None:
    site.recipe("manifest: dist/manifest.json")
    site.photo("b", b"no image")
    site.run()
    assert [kind for kind, *_ in site.kinds()] == ["failed"]
    (site.folder / "dist/manifest.json").write_bytes(b"{}")
    assert [kind for kind, *_ in site.kinds()] == ["failed", "manifest"]


def test_orphans(site: Site) -> None:
    site.run()
    for name in ("a", "b"):
        (site.folder / f"photos/{name}.jpg").unlink()
    (site.folder / "dist/b.jpg").write_bytes(b"mine")
    one, two = site.check().findings
    assert (one.kind, one.code, one.path) == ("orphan", "orphan", "dist/a.jpg")
    assert one.text == (
        "dist/a.jpg: expected only files that the recipe makes, found one that it made once "
        "(no longer a source: photos/a.jpg); run: imgflow clean recipe.yaml"
    )
    assert (two.code, two.path, two.is_error) == ("orphan-edited", "dist/b.jpg", False)


def test_a_few_inputs_say_nothing_of_the_others(site: Site) -> None:
    site.run()
    (site.folder / "dist/c.jpg").unlink()
    assert site.check(["photos/a.jpg"]).findings == ()
