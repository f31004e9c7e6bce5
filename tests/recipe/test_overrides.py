"""Overrides: what matches, what counts, what is shared, where misfits are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command import imgflow
from PIL import Image

from imgflow.job import Job
from imgflow.recipe import RecipeInvalid, expand, explain, load_recipe, parse_recipe

HEAD = "version: 1\ninputs: {from: photos}\n"
OUTPUTS = 'outputs: [{path: "out/{dir}/{stem}-{width}.{ext}", widths: [100, 200]}]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "hero-1.jpg", "team/hero-2.jpg", "team/b.png"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def jobs(overrides: str, outputs: str = OUTPUTS, head: str = "") -> dict[str, Job]:
    recipe = parse_recipe(f"{HEAD}{head}{outputs}overrides:\n{overrides}\n", file="r.yaml")
    return {job.relative: job for job in expand(recipe)}


def encoder(job: Job, at: int = 0) -> dict[str, Any]:
    found = job.outputs[at].encoder
    assert found is not None
    return found


def warnings(overrides: str, *inputs: str) -> list[str]:
    recipe = parse_recipe(f"{HEAD}{OUTPUTS}overrides:\n{overrides}\n", file="r.yaml")
    return [str(problem) for problem in expand(recipe, inputs or None).warnings]


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("hero-*.jpg", {"hero-1.jpg", "team/hero-2.jpg"}),
        ("**/HERO-*", {"hero-1.jpg", "team/hero-2.jpg"}),
        ("team/*", {"team/hero-2.jpg", "team/b.png"}),
        ("photos/team/**", {"team/hero-2.jpg", "team/b.png"}),
        ("./photos/*.jpg", {"a.jpg", "hero-1.jpg"}),
        ("*.{png,gif}", {"team/b.png"}),
    ],
)
def test_patterns_are_for_names_and_for_paths_below_the_folder_or_whole(
    pattern: str, matched: set[str]
) -> None:
    found = jobs(f'  - {{match: "{pattern}", quality: 42}}')
    assert {name for name, job in found.items() if job.outputs[0].encoder} == matched


def test_several_patterns_with_vars() -> None:
    found = jobs('  - {match: ["{who}/*", "a.*"], quality: 42}', head="vars: {who: team}\n")
    assert {name for name, job in found.items() if job.outputs[0].encoder} == {
        "a.jpg",
        "team/hero-2.jpg",
        "team/b.png",
    }


def test_sources_without_overrides_share_what_is_made_of_them() -> None:
    found = jobs("  - {match: hero-*.jpg, quality: 42}")
    assert found["a.jpg"].outputs is found["team/b.png"].outputs
    assert found["hero-1.jpg"].outputs is found["team/hero-2.jpg"].outputs
    assert all(job.steps is found["a.jpg"].steps for job in found.values())


def test_an_override_counts_more_than_defaults_outputs_and_single_formats() -> None:
    outputs = (
        "defaults: {quality: 1, profile: p3}\n"
        'outputs: [{path: "out/{stem}.{ext}", quality: 2, metadata: none,'
        " formats: [avif, {format: webp, quality: 3, effort: 1}]}]\n"
    )
    found = jobs("  - {match: a.jpg, quality: 42, metadata: all}", outputs)
    assert [one.encoder for one in found["a.jpg"].outputs] == [
        {"format": "avif", "quality": 42},
        {"format": "webp", "quality": 42, "effort": 1},
    ]
    assert {one.metadata for one in found["a.jpg"].outputs} == {"all"}
    assert {one.profile for one in found["a.jpg"].outputs} == {"p3"}
    assert [encoder(found["hero-1.jpg"], at)["quality"] for at in (0, 1)] == [2, 3]


def test_an_override_counts_more_than_a_convert() -> None:
    outputs = 'outputs: [{path: "o/{stem}", steps: [{op: convert, format: webp, quality: 3}]}]\n'
    assert encoder(jobs("  - {match: a.jpg, quality: 42}", outputs)["a.jpg"])["quality"] == 42


def test_the_last_override_that_matches_counts_key_by_key() -> None:
    found = jobs(
        "  - {match: '*.jpg', quality: 42, format: webp, effort: 1, focus: [0, 0]}\n"
        "  - {match: 'hero-*', quality: 43, formats: [jpeg, avif], gravity: north}"
    )
    assert encoder(found["a.jpg"]) == {"format": "webp", "quality": 42, "effort": 1}
    assert [one.encoder and one.encoder["format"] for one in found["hero-1.jpg"].outputs] == [
        "jpeg",
        "avif",
        "jpeg",
        "avif",
    ]
    assert encoder(found["hero-1.jpg"]) == {"format": "jpeg", "quality": 43, "effort": 1}


def test_an_option_is_for_the_outputs_whose_formats_know_it() -> None:
    outputs = 'outputs: [{path: "o/{stem}.png"}, {path: "o/{stem}.webp", near_lossless: 60}]\n'
    made = jobs("  - {match: a.jpg, quality: lossless}", outputs)["a.jpg"].outputs
    assert made[0].encoder == {"format": "png", "quality": "lossless"}
    made = jobs("  - {match: a.jpg, near_lossless: 20}", outputs)["a.jpg"].outputs
    assert [one.encoder for one in made] == [
        {"format": "png"},
        {"format": "webp", "near_lossless": 20},
    ]


def test_what_cannot_stand_beside_it_gives_way() -> None:
    outputs = 'outputs: [{path: "o/{stem}.webp", near_lossless: 60}]\n'
    assert encoder(jobs("  - {match: a.jpg, quality: 42}", outputs)["a.jpg"]) == {
        "format": "webp",
        "quality": 42,
    }


def test_formats_are_for_paths_with_room_and_widths_for_outputs_with_several() -> None:
    outputs = (
        'outputs: [{path: "o/{stem}-{width}.{ext}", widths: [1, 2], format: jpeg,'
        ' chroma: "4:4:4"},'
        ' {path: "o/{stem}.webp", quality: 8}]\n'
    )
    made = jobs("  - {match: a.jpg, format: png, widths: [7, 9]}", outputs)["a.jpg"].outputs
    assert [one.encoder for one in made] == [
        {"format": "png"},
        {"format": "png"},
        {"format": "webp", "quality": 8},
    ]
    assert [one.widths for one in made] == [(7, 9), (7, 9), ()]
    assert made[0].steps == ({"op": "resize", "width": 7, "enlarge": False},)


def test_what_is_said_about_objects_is_merged() -> None:
    outputs = 'outputs: [{path: "s3://b/{stem}.webp", object: {acl: private, tags: {a: "1"}}}]\n'
    said = "  - {match: a.jpg, object: {tags: {b: '2'}}, cache_control: no-store}"
    properties = jobs(said, outputs)["a.jpg"].outputs[0].properties
    assert (properties.acl, properties.tags) == ("private", {"b": "2"})
    assert properties.cache_control == "no-store"


STEPS = "steps: [{op: crop, aspect: '16:9', gravity: faces}]\n"
SQUARE = "{op: crop, aspect: '1:1', gravity: faces}"
COVER = "{op: resize, width: 120, height: 63, fit: cover, gravity: attention}"


def test_a_focus_is_for_the_first_cut_of_all() -> None:
    outputs = f'outputs: [{{path: "o/{{stem}}.webp", steps: [{SQUARE}]}}]\n'
    job = jobs("  - {match: a.jpg, focus: [0.2, 0.9]}", outputs, STEPS)["a.jpg"]
    assert job.steps == ({"op": "crop", "aspect": "16:9", "focus": [0.2, 0.9]},)
    assert job.outputs[0].steps == ({"op": "crop", "aspect": "1:1", "gravity": "faces"},)


def test_without_a_shared_cut_a_focus_is_for_the_first_of_each_output() -> None:
    outputs = (
        f'outputs: [{{path: "o/{{stem}}.webp", steps: [{{op: flip}}, {SQUARE}, {SQUARE}]}},'
        f' {{path: "o/{{stem}}.jpg", steps: [{COVER}]}}, {{path: "o/{{stem}}.png"}}]\n'
    )
    found = jobs("  - {match: a.jpg, focus: [0.2, 0.9]}", outputs)
    made = [one.steps for one in found["a.jpg"].outputs]
    assert made[0] == (
        {"op": "flip"},
        {"op": "crop", "aspect": "1:1", "focus": [0.2, 0.9]},
        {"op": "crop", "aspect": "1:1", "gravity": "faces"},
    )
    assert made[1] == (
        {"op": "crop", "aspect": "120:63", "focus": [0.2, 0.9]},
        {"op": "resize", "width": 120, "height": 63, "fit": "cover"},
    )
    assert made[2] == ()
    assert found["hero-1.jpg"].outputs[1].steps[0]["gravity"] == "attention"


def test_a_gravity_is_for_every_cut_but_those_in_numbers() -> None:
    exact = "{op: crop, x: 1, y: 1, width: 9, height: 9}"
    outputs = f'outputs: [{{path: "o/{{stem}}.webp", steps: [{COVER}, {exact}]}}]\n'
    head = "steps: [{op: crop, aspect: '1:1', focus: [0, 0]}]\n"
    job = jobs("  - {match: a.jpg, gravity: north}", outputs, head)["a.jpg"]
    assert job.steps == ({"op": "crop", "aspect": "1:1", "gravity": "north"},)
    assert job.outputs[0].steps[0]["gravity"] == "north"
    assert "gravity" not in job.outputs[0].steps[1]


def test_the_words_for_a_picture_go_into_its_job() -> None:
    found = jobs("  - {match: a.jpg, alt: 'A lake, at dawn'}")
    assert (found["a.jpg"].alt, found["hero-1.jpg"].alt) == ("A lake, at dawn", "")
    assert found["a.jpg"].outputs is found["hero-1.jpg"].outputs


def test_an_override_that_matches_nothing_is_told_where_folders_are_searched() -> None:
    said = "  - {match: '*.jpg', quality: 4}\n  - {match: ['*.gif', 'x/*'], quality: 42}"
    assert warnings(said) == [
        (
            "r.yaml:6:13: overrides[1].match: warning: expected a source that matches "
            "'*.gif', 'x/*', found none; patterns are for paths below the folder that is searched"
        ),
    ]
    assert warnings(said, "photos/a.jpg") == []


def test_sources_that_only_overrides_bring_to_one_path_are_told() -> None:
    Path("photos/team/b.jpg").touch()
    outputs = 'outputs: [{path: "out/{dir}/{stem}.{ext}"}]\n'
    assert len(jobs("  - {match: x.jpg, format: webp}", outputs)) == 5
    with pytest.raises(RecipeInvalid) as caught:
        jobs("  - {match: b.*, format: webp}", outputs)
    assert [problem.code for problem in caught.value.problems] == ["path-collision"]


def test_two_overrides_that_disagree_are_told_before_the_first_job() -> None:
    said = "  - {match: '*', palette: true}\n  - {match: a.jpg, quality: lossless}"
    with pytest.raises(RecipeInvalid) as caught:
        jobs(said, 'outputs: [{path: "o/{stem}.webp"}]\n')
    (problem,) = caught.value.problems
    assert str(problem).startswith("r.yaml:6:")
    assert problem.path == "overrides[1].quality"


def test_overrides_and_the_manifest_are_replaced_and_budgets_are_merged() -> None:
    Path("base.yaml").write_text(
        f"{HEAD}{OUTPUTS}overrides: [{{match: a.jpg, quality: 1}}]\nmanifest: a.json\n"
        "budgets: {max_bytes: 1KB, min_score: 70}\n",
        encoding="utf-8",
    )
    child = "version: 1\nextends: base.yaml\nbudgets: {max_bytes: 1.5KiB}\nmanifest: b.json\n"
    Path("child.yaml").write_text(child, encoding="utf-8")
    recipe = load_recipe("child.yaml")
    assert (recipe.budgets.max_bytes, recipe.budgets.min_score) == (1536, 70)
    assert recipe.manifest == "b.json"
    assert [override.patterns for override in recipe.overrides] == [("a.jpg",)]
    origins = {one.path: one.origin for one in explain(recipe)}
    assert origins["overrides[0].quality"] == "base.yaml:4"
    assert origins["budgets.max_bytes"] == "child.yaml:3"
    assert origins["budgets.min_score"] == "base.yaml:6"
    assert origins["manifest"] == "child.yaml:4"


def test_the_manifest_goes_where_outputs_go() -> None:
    text = f'{HEAD}name: shop\nmanifest: "{{recipe}}.json"\n{OUTPUTS}'
    assert parse_recipe(text).manifest == "shop.json"
    assert parse_recipe(text, out="dist").manifest == "dist/shop.json"
    assert parse_recipe(f"{HEAD}{OUTPUTS}").manifest == ""
    assert all(job.facts for job in expand(parse_recipe(text)))


def test_a_run_tells_of_overrides_that_match_nothing() -> None:
    Image.new("RGB", (8, 6)).save("photos/a.jpg")
    text = f"{HEAD}{OUTPUTS}overrides:\n  - {{match: x.gif, quality: 9}}\n"
    Path("r.yaml").write_text(text, encoding="utf-8")
    done = imgflow("run", "r.yaml", "photos/a*")
    assert done.code == 0
    assert "r.yaml:5:13: overrides[0].match: warning: expected a source" in done.err
