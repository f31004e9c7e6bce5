"""Files beside sources: what they say, what counts more, exactly what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command import imgflow
from PIL import Image

from imgflow.job import Job
from imgflow.recipe import RecipeInvalid, expand, explain_source, parse_recipe
from imgflow.recipe.finding import Sources, plan_inputs
from imgflow.storage import LocalStorage

RECIPE = """\
version: 1
inputs: {from: photos, include: ["**/*"]}
steps: [{op: crop, aspect: "16:9", gravity: faces}]
outputs:
  - {path: "out/{stem}.{ext}", formats: [webp, jpeg], quality: 80}
overrides:
  - {match: hero.*, quality: 90, alt: A hero}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "hero.jpg", "plain.jpg"):
        (tmp_path / "photos" / name).touch()
    return tmp_path


def beside(name: str, text: str) -> None:
    Path(f"photos/{name}.imgflow.yaml").write_text(text, encoding="utf-8")


def jobs(*inputs: str) -> dict[str, Job]:
    return {job.relative: job for job in expand(parse_recipe(RECIPE), inputs or None)}


def qualities(job: Job) -> list[int | str]:
    return [output.encoder["quality"] for output in job.outputs if output.encoder]


def problems() -> list[str]:
    with pytest.raises(RecipeInvalid) as caught:
        jobs()
    return [str(problem) for problem in caught.value.problems]


def test_a_sidecar_counts_more_than_overrides_and_outputs() -> None:
    beside("a.jpg", "focus: [0.25, 0.75]\nalt: A dune\n")
    beside("hero.jpg", "quality: 33\n")
    found = jobs()
    assert found["a.jpg"].steps == ({"op": "crop", "aspect": "16:9", "focus": [0.25, 0.75]},)
    assert (found["a.jpg"].alt, qualities(found["a.jpg"])) == ("A dune", [80, 80])
    assert (found["hero.jpg"].alt, qualities(found["hero.jpg"])) == ("A hero", [33, 33])
    assert found["hero.jpg"].steps is found["plain.jpg"].steps
    assert found["a.jpg"].outputs is found["plain.jpg"].outputs


def test_each_has_its_own_focus_and_words_where_all_else_is_alike() -> None:
    cover = "[{op: resize, width: 30, height: 20, fit: cover}]"
    recipe = parse_recipe(
        "version: 1\ninputs: {from: photos}\n"
        f'outputs: [{{path: "out/{{stem}}.jpg", steps: {cover}}}, {{path: "out/{{stem}}.png"}}]\n'
    )
    for name in ("a.jpg", "hero.jpg", "plain.jpg"):
        beside(name, f"focus: [0.{len(name)}, 0.5]\nalt: {name}\n")
    found = list(expand(recipe))
    assert [job.alt for job in found] == ["a.jpg", "hero.jpg", "plain.jpg"]
    cuts = [job.outputs[0].steps[0] for job in found]
    assert [cut["focus"] for cut in cuts] == [[0.5, 0.5], [0.8, 0.5], [0.9, 0.5]]
    assert {job.outputs[0].steps[1]["fit"] for job in found} == {"cover"}
    assert [job.outputs[1].steps for job in found] == [(), (), ()]


def test_sidecars_are_no_sources_however_they_are_named() -> None:
    beside("a.jpg", "quality: 33\n")
    plans = plan_inputs(
        ["photos", "photos/a.jpg.imgflow.yaml", "photos/*.yaml", "file:./photos/*"], (), ()
    )
    found = [source.path for source in Sources(plans, LocalStorage())]
    assert found == ["photos/a.jpg", "photos/hero.jpg", "photos/plain.jpg"]
    assert qualities(jobs("photos/a.jpg")["a.jpg"]) == [33, 33]


def test_an_empty_sidecar_says_nothing() -> None:
    for text in ("", "# soon\n", "{}\n"):
        beside("a.jpg", text)
        found = jobs()
        assert found["a.jpg"].outputs is found["plain.jpg"].outputs


def test_all_that_is_wrong_with_all_of_them_is_told_at_once() -> None:
    beside("a.jpg", "focuss: [0, 0]\nquality: 300\nmatch: '*'\n")
    beside("hero.jpg", "- quality: 3\n")
    beside("plain.jpg", "quality: 80\nquality: 81\n")
    assert problems() == [
        "photos/a.jpg.imgflow.yaml:1:1: unknown key 'focuss' for 'sidecar'; did you mean 'focus'?",
        (
            "photos/a.jpg.imgflow.yaml:2:10: quality: expected a whole number from 1 to 100, "
            "found 300"
        ),
        "photos/a.jpg.imgflow.yaml:3:1: unknown key 'match' for 'sidecar'",
        (
            "photos/hero.jpg.imgflow.yaml:1:1: expected a mapping with keys like quality, focus "
            "and alt, found a list"
        ),
        (
            "photos/plain.jpg.imgflow.yaml:2:1: duplicate key 'quality', first in line 1; "
            "remove one of them"
        ),
    ]


def test_what_does_not_fit_the_outputs_is_told_where_it_is_said() -> None:
    beside("a.jpg", "alt: x\nquality: lossless\n")
    (problem,) = problems()
    assert problem.startswith("photos/a.jpg.imgflow.yaml:2:10: quality: expected a whole number")


def test_an_option_that_only_other_recipes_can_use_is_a_warning() -> None:
    beside("a.jpg", "compression: 9\nwidths: [9]\n")
    warnings = [str(problem) for problem in expand(parse_recipe(RECIPE)).warnings]
    assert warnings == [
        (
            "photos/a.jpg.imgflow.yaml:1:1: compression: warning: 'compression' is no option of "
            "'webp' and 'jpeg'; 'png' and 'tiff' know it"
        ),
        ("photos/a.jpg.imgflow.yaml:2:1: widths: warning: no output has several widths; remove it"),
    ]


def test_a_file_that_cannot_be_read_is_told() -> None:
    Path("photos/a.jpg.imgflow.yaml").write_bytes(b"\xff\xfea")
    (problem,) = problems()
    assert problem == (
        "photos/a.jpg.imgflow.yaml:1:1: expected UTF-8, found UTF-16; save the file as UTF-8"
    )


def test_one_source_is_explained_with_the_origins_of_all_that_holds_for_it() -> None:
    beside("hero.jpg", "quality: 33\nfocus: [0, 1]\n")
    recipe = parse_recipe(RECIPE, file="r.yaml")
    values, texts = explain_source(recipe, "photos/hero.jpg")
    found = {one.path: (one.value, one.origin) for one in values}
    sidecar = "photos/hero.jpg.imgflow.yaml"
    assert found["outputs[0].formats.webp.quality"] == (33, f"{sidecar}:1")
    assert found["steps[0].focus"] == ([0, 1], f"{sidecar}:2")
    assert found["steps[0].aspect"] == ("16:9", "r.yaml:3")
    assert found["alt"] == ("A hero", "r.yaml:7")
    assert not [path for path in found if path.startswith("overrides")]
    assert list(texts) == ["r.yaml", sidecar]
    plain = {one.path: one.origin for one in explain_source(recipe, "photos/plain.jpg")[0]}
    assert plain["outputs[0].formats.webp.quality"] == "r.yaml:5"


def test_explain_shows_a_source_on_the_command_line() -> None:
    beside("hero.jpg", "quality: 33\n")
    Path("r.yaml").write_text(RECIPE, encoding="utf-8")
    whole = imgflow("explain", "r.yaml").out
    assert 'overrides[0].match: ["hero.*"]' in whole
    one = imgflow("explain", "r.yaml", "photos/hero.jpg").out
    lines = [line.split() for line in one.splitlines()]
    assert ["outputs[0].formats.jpeg.quality:", "33", "#", "hero.jpg.imgflow.yaml:1"] in lines
    assert ["alt:", '"A', 'hero"', "#", "r.yaml:7"] in lines


def test_the_focus_of_a_sidecar_is_what_is_kept() -> None:
    halves = np.zeros((60, 200, 3), np.uint8)
    halves[:, :100], halves[:, 100:] = (250, 10, 10), (10, 10, 250)
    Image.fromarray(halves).save("photos/a.jpg", quality=95)
    Path("r.yaml").write_text(
        "version: 1\ninputs: {from: photos/a.jpg}\noutputs:\n"
        "  - {path: out/cover.png, steps: [{op: resize, width: 30, height: 30, fit: cover}]}\n"
        "  - {path: out/crop.png, steps: [{op: crop, aspect: '1:1', gravity: west}]}\n",
        encoding="utf-8",
    )
    for focus, channel in (("[1, 0.5]", 2), ("[0, 0.5]", 0)):
        beside("a.jpg", f"focus: {focus}\n")
        assert imgflow("run", "r.yaml", "-q").code == 0
        for name, size in (("cover", (30, 30)), ("crop", (60, 60))):
            with Image.open(f"out/{name}.png") as made:
                assert made.size == size
                assert np.asarray(made.convert("RGB"))[..., channel].min() > 200
