"""``imgflow report``, and the report of a run that ends early."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import samples
from command import Done, group, imgflow, start
from reports import Parts

from imgflow.cli.reporting import Page, followed
from imgflow.execute import execute
from imgflow.job import Job, Result
from imgflow.limits import DEFAULT_LIMITS
from imgflow.project import Project, open_project
from imgflow.recipe import load_recipe
from imgflow.storage.opening import open_usual

Here = Callable[..., Done]

pytestmark = pytest.mark.usefixtures("folder")


def page(name: str = "report.html") -> str:
    return Path(name).read_text(encoding="utf-8")


def everything() -> dict[str, int]:
    """All files with the time at which they were changed."""
    return {str(path): path.stat().st_mtime_ns for path in Path().rglob("*") if path.is_file()}


def listed(text: str) -> list[str]:
    return [image["name"] for image in Parts(text).images()]


def test_nothing_was_made_yet(here: Here) -> None:
    done = here("report", "recipe.yaml")
    assert (done.code, done.out) == (0, "report.html: 4 images: 4 not up to date\n")
    text = page()
    assert "<p class='name'>never made</p><p>photos/cats/1.jpg<br>" in text
    assert listed(text) == []
    assert not Path(".imgflow").exists()


def test_what_was_made_is_shown_and_nothing_else_touched(here: Here) -> None:
    Path("photos/broken.jpg").write_bytes(samples.encoded(samples.cat(), "JPEG")[:3000])
    assert here("run", "recipe.yaml").code == 3
    before = everything()
    done = here("report", "recipe.yaml", "--page", "pages/so-far.html")
    assert (done.code, done.err) == (0, "")
    assert done.out == "pages/so-far.html: 5 images: 4 done, 1 failed\n"
    after = everything()
    assert {name for name in after if after[name] != before.get(name)} == {"pages/so-far.html"}
    text = page("pages/so-far.html")
    assert sorted(listed(text)) == [
        *(f"photos/cats/{index}.jpg" for index in (1, 2, 3)),
        "photos/cup.jpg",
    ]
    assert "<h2 id='failed'>1 failure</h2>" in text
    assert "<p class='quiet'>source-corrupt</p>" in text
    rows = [row for row in Parts(text).all("li") if "data-index" in row]
    assert all(float(row["data-seconds"]) > 0 for row in rows)
    links = [file["link"] for image in Parts(text).images() for file in image["files"]]
    assert all((Path("pages") / link).is_file() for link in links)


def test_what_is_not_up_to_date_has_its_reasons(here: Here) -> None:
    assert here("run", "recipe.yaml").code == 0
    os.remove("photos/cats/2.jpg")
    Path("dist/cats/1.jpg").unlink()
    Path("photos/cup.jpg").write_bytes(samples.encoded(samples.cat(), "JPEG"))
    done = here("report", "recipe.yaml", "--json")
    assert done.lines == [
        {
            "page": "report.html",
            "done": 1,
            "failed": 0,
            "stale": 2,
            "orphaned": 1,
            "over_budget": 0,
        }
    ]
    text = page()
    assert "<p class='name'>source changed</p><p>photos/cup.jpg</p>" in text
    assert "<p class='name'>output missing: dist/cats/1.jpg</p><p>photos/cats/1.jpg</p>" in text
    assert "1 file orphaned" in text
    assert listed(text) == ["photos/cats/3.jpg"]


def test_a_changed_recipe(here: Here) -> None:
    assert here("run", "recipe.yaml").code == 0
    recipe = Path("recipe.yaml")
    recipe.write_text(recipe.read_text().replace("width: 60", "width: 50"))
    here("report", "recipe.yaml")
    assert "<p class='name'>steps[0].width: 60 -&gt; 50</p>" in page()


def test_what_is_over_budget(here: Here) -> None:
    with open("recipe.yaml", "a") as recipe:
        recipe.write("budgets: {max_bytes: 50}\n")
    with a_project() as (project, to_write), followed(to_write, hidden=True) as watch:
        assert len(list(watch(project.bring_up(work)))) == 4
    by_run = page()
    assert "<h2 id='budgets'>Over budget</h2>" in by_run
    assert by_run.count(": expected at most 50 bytes, found ") == 4
    assert here("report", "recipe.yaml", "--json").lines[0]["over_budget"] == 4
    assert page().count(": expected at most 50 bytes, found ") == 4


def test_only_some_of_the_sources(here: Here) -> None:
    assert here("run", "recipe.yaml").code == 0
    done = here("report", "recipe.yaml", "photos/cup.jpg")
    assert done.out == "report.html: 1 image: 1 done\n"
    assert listed(page()) == ["photos/cup.jpg"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report.txt", "--page: expected a name that ends in .html, found 'report.txt'"),
        ("folder.html", "--page: expected the name of a file, found the folder 'folder.html'"),
    ],
)
def test_pages_that_cannot_be_written(here: Here, name: str, message: str) -> None:
    Path("folder.html").mkdir()
    done = here("report", "recipe.yaml", "--page", name)
    assert done.code == 2
    assert message in done.err


@contextmanager
def a_project() -> Iterator[tuple[Project, Page]]:
    storage = open_usual({})
    with open_project(load_recipe("recipe.yaml"), None, storage) as project:
        yield project, Page("report.html", project, storage, DEFAULT_LIMITS)


def work(jobs: Iterable[Job]) -> Generator[Result]:
    storage = open_usual({})
    return (execute(job, storage, DEFAULT_LIMITS) for job in jobs)


def test_a_run_passes_through(capsys: pytest.CaptureFixture[str]) -> None:
    Path("photos/broken.jpg").write_bytes(b"no image")
    with a_project() as (project, to_write), followed(to_write, hidden=False) as watch:
        results = list(watch(project.bring_up(work)))
        assert not Path("report.html").exists()
    assert sorted(result.status for result in results) == ["completed"] * 4 + ["failed"]
    assert capsys.readouterr().out == "  report: report.html\n"
    text = page()
    assert "5 images: 4 done, 1 failed" in text
    assert len(listed(text)) == 4


def test_what_was_kept_has_the_time_of_the_run_that_made_it() -> None:
    times = []
    for _ in range(2):
        with a_project() as (project, to_write), followed(to_write, hidden=True) as watch:
            for result in watch(project.bring_up(work)):
                assert result.status == "completed"
        rows = [row for row in Parts(page()).all("li") if "data-index" in row]
        names = [image["name"] for image in Parts(page()).images()]
        times.append({names[int(row["data-index"])]: row["data-seconds"] for row in rows})
    assert times[0] == times[1]
    assert all(float(seconds) > 0 for seconds in times[0].values())


def stopped(done: int) -> None:
    """A run that somebody stops after some images."""
    with (
        a_project() as (project, to_write),
        followed(to_write, hidden=True) as watch,
        closing(watch(project.bring_up(work))) as results,
    ):
        for _ in range(done):
            next(results)
        raise KeyboardInterrupt


def test_a_run_that_is_stopped_shows_what_was_done() -> None:
    with pytest.raises(KeyboardInterrupt):
        stopped(1)
    text = page()
    assert "4 images: 1 done, 3 not reached" in text
    assert "<p class='name'>3 images not reached</p>" in text
    assert len(listed(text)) == 1


def test_a_run_that_never_began_has_no_page() -> None:
    with pytest.raises(KeyboardInterrupt):
        stopped(0)
    assert not Path("report.html").exists()


def test_without_a_page_results_are_left_alone() -> None:
    results = work(())
    with followed(None, hidden=True) as watch:
        assert watch(results) is results


def test_names_that_are_no_text(here: Here) -> None:
    odd = os.fsdecode(b"photos/caf\xe9.jpg")
    Path(odd).write_bytes(samples.encoded(samples.cat(), "JPEG"))
    with a_project() as (project, to_write), followed(to_write, hidden=True) as watch:
        statuses = {result.input: result.status for result in watch(project.bring_up(work))}
    assert statuses[odd] == "failed"
    assert "photos/caf\\udce9.jpg" in page()
    assert here("report", "recipe.yaml").code == 0
    assert "photos/caf\\udce9.jpg" in page()


def test_the_command_writes_a_page() -> None:
    Path("photos/broken.jpg").write_bytes(b"no image")
    done = imgflow("run", "recipe.yaml", "--report", "pages/run.html", "--jobs", 2)
    assert done.code == 3
    assert "  report: pages/run.html" in done.out.splitlines()
    text = page("pages/run.html")
    assert "5 images: 4 done, 1 failed" in text
    assert len(listed(text)) == 4


@pytest.mark.slow
@pytest.mark.usefixtures("large")
def test_ctrl_c_leaves_a_page_of_what_was_done() -> None:
    process = start("run", "slow.yaml", "--report", "run.html", "--json", "--jobs", 1)
    try:
        assert process.stdout
        assert json.loads(process.stdout.readline())["status"] == "completed"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        for pid in group(process.pid):
            os.kill(pid, signal.SIGKILL)
    assert process.returncode == 130
    text = page("run.html")
    done = len(listed(text))
    # The small ones come first, and the large ones take minutes.
    assert 1 <= done <= 4
    assert f"7 images: {done} done, {7 - done} not reached" in text
