from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imgflow.errors import RecipeError
from imgflow.recipe import Recipe, RecipeInvalid, load_recipe, parse_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE = """\
version: 1
name: base
description: The house style.
vars: {out: dist, size: 800}
inputs: {from: photos, exclude: ["raw/**"]}
defaults: {quality: 70, formats: [webp, jpeg]}
orient: false
steps: [{op: resize, width: 100}]
outputs: [{path: "{out}/{stem}.{ext}"}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**texts: str) -> None:
    for name, text in texts.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def problems(name: str, **options: Mapping[str, str] | str) -> list[str]:
    with pytest.raises(RecipeInvalid) as caught:
        load_recipe(name, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def formats(recipe: Recipe) -> list[str]:
    return [output.encoder["format"] for output in recipe.outputs if output.encoder]


def test_a_recipe_takes_all_from_the_one_it_extends_but_its_name() -> None:
    write(base=BASE, child="version: 1\nextends: base.yaml\n")
    recipe = load_recipe("child.yaml")
    assert (recipe.name, recipe.description) == ("child", "")
    assert recipe.vars == {"out": "dist", "size": "800"}
    assert recipe.inputs.sources == ("photos",)
    assert not recipe.orient
    assert recipe.steps == ({"op": "resize", "width": 100},)
    assert [output.path for output in recipe.outputs] == ["dist/{stem}.{ext}"] * 2
    assert formats(recipe) == ["webp", "jpeg"]


def test_mappings_are_merged_and_lists_replaced() -> None:
    write(
        base=BASE,
        child=(
            "version: 1\nextends: ./base.yaml\nvars: {out: public}\ninputs: {from: scans}\n"
            "defaults: {effort: 2}\nsteps: []\norient: true\n"
        ),
    )
    recipe = load_recipe("child.yaml")
    assert recipe.vars == {"out": "public", "size": "800"}
    assert recipe.inputs.sources == ("scans",)
    assert recipe.inputs.exclude == ("raw/**",)
    assert recipe.orient
    assert recipe.steps == ()
    assert recipe.outputs[0].encoder == {"format": "webp", "quality": 70, "effort": 2}


def test_format_and_formats_stand_for_each_other() -> None:
    write(base=BASE, child="version: 1\nextends: base.yaml\ndefaults: {format: gif}\n")
    with pytest.raises(RecipeInvalid, match="'quality' is no option of 'gif'"):
        load_recipe("child.yaml")
    write(base=BASE, child="version: 1\nextends: base.yaml\ndefaults: {format: avif}\n")
    assert formats(load_recipe("child.yaml")) == ["avif"]


def test_of_several_the_last_has_the_last_word() -> None:
    write(
        base=BASE,
        more="version: 1\nvars: {out: more, extra: x}\ndefaults: {quality: 50}\n",
        child="version: 1\nextends: [base.yaml, more.yaml]\n",
    )
    recipe = load_recipe("child.yaml")
    assert recipe.vars == {"out": "more", "size": "800", "extra": "x"}
    assert recipe.outputs[0].encoder == {"format": "webp", "quality": 50}


def test_paths_are_relative_to_the_recipe_and_names_are_looked_up() -> None:
    Path("recipes").mkdir()
    Path("style").mkdir()
    Path("recipes/house.yaml").write_text(BASE, encoding="utf-8")
    Path("style/one.yaml").write_text("version: 1\nextends: ./two.yaml\n", encoding="utf-8")
    Path("style/two.yaml").write_text("version: 1\nextends: house\n", encoding="utf-8")
    assert load_recipe("style/one.yaml").vars["out"] == "dist"


def test_a_fault_in_another_file_is_shown_there() -> None:
    write(
        base=BASE.replace("width: 100", "widht: 100"),
        child="version: 1\nextends: base.yaml\nname: 3\n",
    )
    assert problems("child.yaml") == [
        "child.yaml:3:7: name: expected text, found 3; put it in quotes",
        "base.yaml:8:22: steps[0]: unknown key 'widht' for 'resize'; did you mean 'width'?",
    ]


def test_a_file_that_is_no_yaml_is_shown_with_what_else_is_wrong() -> None:
    write(base="a: [", child="version: 1\nextends: base.yaml\nname: 3\n")
    assert problems("child.yaml") == [
        "child.yaml:3:7: name: expected text, found 3; put it in quotes",
        "base.yaml:1:4: '[' is never closed",
    ]


def test_circles_are_refused() -> None:
    write(
        one="version: 1\nextends: two.yaml\n",
        two="version: 1\nextends: three.yaml\n",
        three="version: 1\nextends: [one.yaml]\n",
    )
    found = problems("one.yaml")
    assert found[-1] == (
        "three.yaml:2:11: extends[0]: expected a recipe that does not extend this one, "
        "found one.yaml; extend another recipe"
    )


def test_one_base_may_be_reached_by_two_ways() -> None:
    write(
        base=BASE,
        left="version: 1\nextends: base.yaml\nvars: {out: left}\n",
        right="version: 1\nextends: base.yaml\n",
        child="version: 1\nextends: [left.yaml, right.yaml]\n",
    )
    assert load_recipe("child.yaml").vars["out"] == "dist"


def test_what_extends_must_come_to_outputs() -> None:
    write(base="version: 1\nvars: {out: x}\n", child="version: 1\nextends: base.yaml\n")
    assert problems("child.yaml") == [
        "child.yaml:1:1: expected outputs here or in a recipe that this one extends, found none"
    ]
    assert problems("base.yaml") == ["base.yaml:1:1: missing key 'outputs'"]


def test_set_overrides_vars() -> None:
    write(base=BASE)
    recipe = load_recipe("base.yaml", sets={"out": "public/img"})
    assert recipe.outputs[0].path == "public/img/{stem}.{ext}"
    assert recipe.outputs[0].root == "public/img"


def test_set_takes_declared_vars_only() -> None:
    write(base=BASE, bare="version: 1\noutputs: [{path: 'x/{stem}.jpg'}]\n")
    assert problems("base.yaml", sets={"ouput": "x"}) == [
        "--set: vars.ouput: unknown var 'ouput'; did you mean 'out'?"
    ]
    assert problems("bare.yaml", sets={"out": "x"}) == [
        "--set: vars.out: unknown var 'out'; the recipe has no vars"
    ]


@pytest.mark.parametrize("value", ["../x", "a/../b", "{stem}", "~/x"])
def test_a_var_that_is_set_cannot_climb_or_be_a_template(value: str) -> None:
    write(base=BASE)
    (found,) = problems("base.yaml", sets={"out": value})
    assert found.startswith("--set: vars.out: expected")


@pytest.mark.parametrize(
    ("out", "path", "root"),
    [
        ("public", "public/{stem}.{ext}", "public"),
        ("/srv/img/", "/srv/img/{stem}.{ext}", "/srv/img"),
        ("../beside", "../beside/{stem}.{ext}", "../beside"),
        ("with {brace}", "with {{brace}}/{stem}.{ext}", "with {brace}"),
    ],
)
def test_out_sets_the_var(out: str, path: str, root: str) -> None:
    write(base=BASE)
    output = load_recipe("base.yaml", out=out).outputs[0]
    assert (output.path, output.root) == (path, root)


def test_out_goes_before_relative_paths_where_there_is_no_such_var() -> None:
    text = "version: 1\noutputs: [{path: 'web/{stem}.jpg'}, {path: '/srv/{stem}.jpg'}]\n"
    one, two = parse_recipe(text, out="public").outputs
    assert (one.path, one.root) == ("public/web/{stem}.jpg", "public/web")
    assert (two.path, two.root) == ("/srv/{stem}.jpg", "/srv")


def test_vars_are_filled_into_inputs_and_texts_of_steps() -> None:
    text = """\
version: 1
vars: {src: photos, kind: jpg, mark: logo, year: 2024}
inputs: {from: "{src}/new", include: ["*.{png,{kind}}"]}
steps:
  - {op: overlay, image: "{mark}.png"}
  - {op: text, text: "{{c}} {year}", size: 20}
outputs: [{path: "out/{year}/{stem}.jpg"}]
"""
    recipe = parse_recipe(text)
    assert recipe.inputs.sources == ("photos/new",)
    assert recipe.inputs.include == ("*.{png,jpg}",)
    assert recipe.steps[0]["image"] == "logo.png"
    assert recipe.steps[1] == {"op": "text", "text": "{c} 2024", "size": 20}
    assert recipe.outputs[0].path == "out/2024/{stem}.jpg"


def test_a_recipe_that_is_not_there() -> None:
    write(base=BASE)
    with pytest.raises(RecipeError, match="expected a recipe file, found nothing there") as caught:
        load_recipe("./bass.yaml")
    assert caught.value.code == "recipe-not-found"
