from __future__ import annotations

import os
from pathlib import Path

import pytest

from imgflow.errors import RecipeError
from imgflow.recipe import data_folder, find_recipe, list_recipes, load_recipe

TEXT = "version: 1\ndescription: {}.\noutputs: [{{path: 'o/{{stem}}.jpg'}}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMGFLOW_RECIPES", raising=False)
    return tmp_path


def put(path: str, description: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(TEXT.format(description), encoding="utf-8")


def test_names_are_looked_up_here_then_in_the_environment_then_in_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped = os.path.join(data_folder("recipes"), "web-photo.yaml")
    assert find_recipe("web-photo") == shipped
    put("shared/web-photo.yml", "Shared")
    put("more/house.yaml", "More")
    monkeypatch.setenv("IMGFLOW_RECIPES", os.pathsep.join(["missing", "", "shared", "more"]))
    assert find_recipe("web-photo") == "shared/web-photo.yml"
    put("recipes/web-photo.yaml", "Own")
    assert find_recipe("web-photo") == "recipes/web-photo.yaml"
    assert find_recipe("house") == "more/house.yaml"


def test_a_path_is_taken_as_it_is() -> None:
    put("own.yaml", "Own")
    assert find_recipe("own.yaml") == "own.yaml"
    assert find_recipe("./own.yaml") == "./own.yaml"
    assert load_recipe("own.yaml").name == "own"


def test_an_unknown_name_has_a_hint() -> None:
    with pytest.raises(RecipeError, match="did you mean 'web-photo'") as caught:
        find_recipe("web-foto")
    assert caught.value.code == "recipe-not-found"


def test_what_is_there_but_no_recipe() -> None:
    put("photos/cat.jpg", "No recipe")
    Path("plain").touch()
    with pytest.raises(RecipeError, match="found a folder; the recipe comes before the images"):
        find_recipe("photos")
    with pytest.raises(RecipeError, match=r"found a file that does not end in \.yaml; "):
        find_recipe("plain")


def test_the_list_shows_what_would_run() -> None:
    put("recipes/own.yaml", "Own")
    put("recipes/web-photo.yaml", "Mine")
    Path("recipes/broken.yaml").write_text("a: [", encoding="utf-8")
    found = {recipe.name: recipe for recipe in list_recipes()}
    assert found["own"].description == "Own."
    assert found["web-photo"].path == "recipes/web-photo.yaml"
    assert found["broken"].description == ""
    assert list(found) == sorted(found)


SHIPPED = sorted(Path(data_folder("recipes")).glob("*.yaml"))


def test_recipes_are_shipped() -> None:
    assert {path.stem for path in SHIPPED} >= {"web-photo", "optimise", "avatars", "og-card"}


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_shipped_recipe_is_valid_and_explains_itself(path: Path) -> None:
    recipe = load_recipe(str(path))
    text = path.read_text(encoding="utf-8")
    assert recipe.warnings == ()
    assert recipe.name == path.stem
    assert recipe.description
    assert "out" in recipe.vars
    assert text.startswith("# yaml-language-server: $schema=../schema/recipe.schema.json\n#\n")
    assert f"imgflow run {path.stem}" in text
    assert load_recipe(str(path), out="/srv/x").outputs[0].root.startswith("/srv/x")
