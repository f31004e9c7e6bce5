from __future__ import annotations

import datetime as dt
import errno
import os
from pathlib import Path

import pytest

from imgflow.errors import UsageError
from imgflow.job import Job
from imgflow.recipe import RecipeInvalid, expand, parse_recipe
from imgflow.recipe.finding import Sources, plan_inputs
from imgflow.storage import LocalStorage


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


def found(*inputs: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    return [
        source.path for source in Sources(plan_inputs(inputs, include, exclude), LocalStorage())
    ]


def jobs(path: str, *inputs: str, head: str = "", more: str = "") -> list[Job]:
    recipe = parse_recipe(
        f'version: 1\n{head}\noutputs: [{{path: "{path}"{more}}}]\n', file="r.yaml"
    )
    return list(expand(recipe, list(inputs) or None))


def refused(path: str, *inputs: str, head: str = "", more: str = "") -> list[str]:
    with pytest.raises(RecipeInvalid) as caught:
        jobs(path, *inputs, head=head, more=more)
    return [str(problem) for problem in caught.value.problems]


def test_a_folder_is_searched_at_any_depth_in_the_order_of_names() -> None:
    touch("p/b.jpg", "p/a.PNG", "p/c/d/e.webp", "p/notes.txt", "p/b/z.tif", "p/noext")
    assert found("p") == ["p/a.PNG", "p/b.jpg", "p/b/z.tif", "p/c/d/e.webp"]


def test_hidden_and_temporary_files_are_passed_over() -> None:
    touch("p/.a.jpg", "p/.cache/b.jpg", "p/c.jpg.imgflow-tmp", "p/d.jpg")
    assert found("p", include=("**/*",)) == ["p/d.jpg"]


def test_include_and_exclude() -> None:
    touch("p/a.jpg", "p/b.png", "p/raw/c.jpg", "p/x/raw/d.jpg", "p/x/e.JPG", "p/x/thumb.jpg")
    assert found("p", include=("*.jpg",), exclude=("**/raw/**", "thumb.*")) == [
        "p/a.jpg",
        "p/x/e.JPG",
    ]
    assert found("p", exclude=("raw", "x/*.jpg")) == ["p/a.jpg", "p/b.png"]


def test_globs() -> None:
    touch("p/a.jpg", "p/b.txt", "p/c/d.jpg", "q/e.jpg")
    assert found("p/*.jpg") == ["p/a.jpg"]
    assert found("p/**/*.jpg") == ["p/a.jpg", "p/c/d.jpg"]
    assert found("[pq]/*.jpg") == ["p/a.jpg", "q/e.jpg"]
    assert found("p/*.txt") == ["p/b.txt"]


def test_a_glob_without_an_extension_finds_images() -> None:
    touch("p/a.jpg", "p/b.txt", "p/c/d.jpg")
    assert found("p/**") == ["p/a.jpg", "p/c/d.jpg"]
    assert found("p/*") == ["p/a.jpg"]


def test_a_file_is_taken_as_it_is() -> None:
    touch("p/a.txt", "p/.b", "p/[1].jpg", "p/{x}.jpg")
    inputs = ["p/a.txt", "p/.b", "p/[1].jpg", "p/{x}.jpg"]
    assert found(*inputs) == inputs


def test_a_source_is_found_once_by_whatever_ways() -> None:
    touch("p/a.jpg", "p/b.jpg")
    assert found("p/b.jpg", "p", "./p/a.jpg", "p/*.jpg") == ["p/b.jpg", "p/a.jpg"]


def test_links() -> None:
    touch("real/a.jpg", "p/b.jpg")
    os.symlink("../real/a.jpg", "p/link.jpg")
    os.symlink("../real", "p/folder.jpg")
    os.symlink("../p", "p/circle")
    os.symlink("nowhere.jpg", "p/dangling.jpg")
    os.symlink("real", "root")
    assert found("p") == ["p/b.jpg", "p/dangling.jpg", "p/link.jpg"]
    assert found("root") == ["root/a.jpg"]


def test_a_folder_that_cannot_be_read_is_passed_over(folder: Path) -> None:
    touch("p/a.jpg", "p/closed/b.jpg")
    Path("p/closed").chmod(0)
    try:
        expected = ["p/a.jpg"] if os.geteuid() else ["p/a.jpg", "p/closed/b.jpg"]
        assert found("p") == expected
    finally:
        (folder / "p/closed").chmod(0o700)


def test_jobs_know_their_place_in_the_run() -> None:
    touch("p/a.jpg", "p/c/d.jpg", "q.jpg")
    made = jobs("out/{dir}/{stem}.webp", "p", "q.jpg")
    assert [(job.input, job.relative, job.index) for job in made] == [
        ("p/a.jpg", "a.jpg", 0),
        ("p/c/d.jpg", "c/d.jpg", 1),
        ("q.jpg", "q.jpg", 2),
    ]
    today = dt.datetime.now(dt.UTC).date()
    for job in made:
        assert job.recipe == "r"
        assert abs(dt.date.fromisoformat(job.date) - today) <= dt.timedelta(days=1)
        assert job.orient
        assert not job.force


def test_globs_are_mirrored_below_their_folder() -> None:
    touch("p/c/d.jpg", "p/c/e/f.jpg")
    made = jobs("out/{dir}/{stem}.webp", "p/c/**/*.jpg")
    assert [job.relative for job in made] == ["d.jpg", "e/f.jpg"]


def test_named_inputs_stand_in_for_those_of_the_recipe() -> None:
    touch("p/a.jpg", "p/raw/b.jpg", "q/c.jpg", "q/raw/d.jpg")
    head = "inputs: {from: p, exclude: [raw]}\norient: false"
    assert [job.input for job in jobs("o/{stem}.webp", head=head)] == ["p/a.jpg"]
    (job,) = jobs("o/{stem}.webp", "q", head=head)
    assert job.input == "q/c.jpg"
    assert not job.orient


def test_no_inputs() -> None:
    assert refused("o/{stem}.webp") == [
        (
            "r.yaml:1:1: expected images to work on, found no inputs; "
            "name files or folders after the recipe, or under inputs.from in it"
        )
    ]
    assert expand_nothing() == [
        (
            "inputs: expected images to work on, found no inputs; "
            "name files or folders after the recipe, or under inputs.from in it"
        )
    ]


def expand_nothing() -> list[str]:
    recipe = parse_recipe('version: 1\noutputs: [{path: "o/{stem}.webp"}]\n')
    with pytest.raises(RecipeInvalid) as caught:
        expand(recipe, [])
    assert [problem.code for problem in caught.value.problems] == ["no-inputs"]
    return [str(problem) for problem in caught.value.problems]


def test_inputs_without_images() -> None:
    touch("p/notes.txt")
    assert refused("o/{stem}.webp", head="inputs: {from: p}") == [
        "r.yaml:2:16: expected images in p, found none that the patterns take"
    ]
    assert refused("o/{stem}.webp", "p") == [
        "inputs: expected images in p, found none that the patterns take"
    ]
    assert refused("o/{stem}.webp", "nope", "no/*.jpg") == [
        "inputs: expected images in nope, no/*.jpg, found nothing there"
    ]


def test_one_file_that_is_not_there_does_not_stop_the_others() -> None:
    touch("a.jpg")
    assert [job.input for job in jobs("o/{stem}.webp", "a.jpg", "b.jpg")] == ["a.jpg", "b.jpg"]


def test_two_sources_cannot_go_to_one_path() -> None:
    touch("p/a.jpg", "p/a.png", "q/a.jpg")
    assert refused("o/{dir}/{stem}.webp", "p") == [
        (
            "r.yaml:3:18: outputs[0].path: p/a.jpg and p/a.png would both be written to o/a.webp; "
            "put {filename} in the place of {stem}"
        )
    ]
    assert refused("o/{stem}.webp", "q", "p/a.jpg") == [
        (
            "r.yaml:3:18: outputs[0].path: q/a.jpg and p/a.jpg would both be written to o/a.webp; "
            "put {index} or {hash:8} into it, or name one folder above both"
        )
    ]
    touch("r/x/b.jpg", "r/y/b.jpg", "r/y/c.jpg")
    assert refused("o/{stem}.webp", "r") == [
        (
            "r.yaml:3:18: outputs[0].path: "
            "r/x/b.jpg and r/y/b.jpg would both be written to o/b.webp; "
            "put {dir} into it"
        )
    ]
    assert refused("o/{dir}/x.webp", "r") == [
        (
            "r.yaml:3:18: outputs[0].path: "
            "r/y/b.jpg and r/y/c.jpg would both be written to o/y/x.webp; "
            "put {stem} into it"
        )
    ]


def test_many_collisions_are_counted() -> None:
    touch(*(f"p/{number}.jpg" for number in range(10)))
    problems = refused("o/x.webp", "p")
    assert len(problems) == 6
    assert "and 4 more pairs of sources" in "".join(problems)


@pytest.mark.parametrize(
    "path",
    ["o/{filename}.webp", "o/{stem}.{hash:8}.webp", "o/{index}.webp", "o/{stem}.{ext}"],
)
def test_paths_that_tell_sources_apart(path: str) -> None:
    touch("p/a.jpg", "p/a.png")
    more = ", format: original" if "{ext}" in path else ""
    assert len(jobs(path, "p", more=more)) == 2


def test_extensions_of_one_format_collide_as_original() -> None:
    touch("p/a.jpg", "p/a.jpeg")
    (problem,) = refused("o/{stem}.{ext}", "p", more=", format: original")
    assert "would both be written to o/a.jpg" in problem


def test_a_source_cannot_be_overwritten() -> None:
    touch("p/a.jpg")
    (problem,) = refused("p/{stem}.jpg", "p/a.jpg")
    assert problem == (
        "r.yaml:3:18: outputs[0].path: the source p/a.jpg would be overwritten; "
        "write to another folder, or put something into the path"
    )
    assert refused("./q/../p/{stem}.jpg".replace("q/../", ""), os.path.abspath("p/a.jpg"))
    assert len(jobs("p/{stem}.webp", "p/a.jpg")) == 1
    assert len(jobs("p/{stem}.{hash}.jpg", "p/a.jpg")) == 1


def test_outputs_cannot_go_among_the_inputs() -> None:
    touch("p/a.jpg", "p/raw/b.jpg")
    message = "this goes among the inputs, into 'p', and the next run would take it for a source"
    for path in ("p/web/{stem}.webp", "p/{dir}/{stem}-small.jpg"):
        (problem,) = refused(path, "p")
        assert message in problem
    (problem,) = refused("p/web/{stem}.jpg", "p/**/*.jpg")
    assert "among the inputs, into 'p/'" in problem


def test_outputs_may_go_below_the_inputs_where_they_are_left_out() -> None:
    touch("p/a.jpg")
    assert jobs("p/web/{stem}.jpg", head="inputs: {from: p, exclude: [web]}")
    assert jobs("p/web/{stem}.jpg", head='inputs: {from: p, exclude: ["web/**"]}')
    assert jobs("p/.web/{stem}.jpg", head="inputs: {from: p}")
    assert jobs("p/{stem}.webp", head='inputs: {from: p, include: ["*.jpg"]}')
    assert jobs("p/web/{stem}.jpg", "p/*.jpg")


def test_thousands_of_sources_are_one_scan() -> None:
    for number in range(40):
        touch(*(f"p/{number}/{file}.jpg" for file in range(50)))
    made = jobs("o/{dir}/{stem}.{ext}", "p", more=", formats: [avif, webp, jpeg]")
    assert len(made) == 2000
    assert all(job.outputs is made[0].outputs for job in made)


def test_a_folder_that_may_not_be_read_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("p/a.jpg", "p/locked/b.jpg")
    scan = os.scandir

    def refuse(path: str) -> object:
        if "locked" in path:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr("imgflow.recipe.sources.os.scandir", refuse)
    assert found("p") == ["p/a.jpg", "p/locked"]
    assert found("p/locked") == ["p/locked"]


def test_a_file_that_may_not_be_looked_at_is_a_job_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(path: str) -> object:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", refuse)
    assert [job.input for job in jobs("o/{stem}.jpg", "locked/a.jpg")] == ["locked/a.jpg"]


def test_an_empty_name_is_no_input() -> None:
    touch("a.jpg")
    with pytest.raises(UsageError, match="inputs: expected a file, a folder or a pattern"):
        jobs("o/{stem}.jpg", "a.jpg", "")


def test_files_that_steps_read_must_be_there() -> None:
    touch("p/a.jpg", "mark.png")
    head = "steps:\n  - {op: overlay, image: mark.png}\n  - {op: overlay, image: gone.png}"
    more = ", steps: [{op: text, text: hello, font_file: gone.ttf}], widths: [5, 9]"
    step = "outputs[0].steps[0]"
    advice = "paths are relative to the folder you run in"
    assert refused("{stem}-{width}.jpg", "p", head=head, more=more) == [
        f"r.yaml:4:26: steps[1].image: expected a file, found none at 'gone.png'; {advice}",
        f"r.yaml:5:83: {step}.font_file: expected a file, found none at 'gone.ttf'; {advice}",
    ]
