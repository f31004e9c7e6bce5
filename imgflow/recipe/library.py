"""Named recipes: ``web-photo`` is a file in ./recipes, $IMGFLOW_RECIPES or the package."""

from __future__ import annotations

import os
from typing import NamedTuple

from imgflow.errors import RecipeError
from imgflow.recipe.document import read_document
from imgflow.recipe.findings import did_you_mean
from imgflow.recipe.text import read_text
from imgflow.settings import read_settings

SUFFIXES = (".yaml", ".yml")


class NamedRecipe(NamedTuple):
    """A recipe that can be run by its name."""

    name: str
    description: str
    path: str


def data_folder(name: str) -> str:
    """Return a folder that ships with the package: ``recipes`` or ``schema``.

    In an installed wheel it lies inside the package, in a checkout beside it.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, "data", name)
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), name)


def recipe_folders() -> list[str]:
    """Return the folders that are searched for names, the first one first."""
    return ["recipes", *read_settings(os.environ).recipes, data_folder("recipes")]


def looks_like_path(name: str) -> bool:
    """Tell a path of a recipe from a name."""
    return "/" in name or os.sep in name or name.endswith(SUFFIXES)


def find_recipe(name: str) -> str:
    """Return the path of a recipe by its path or name; raises RecipeError if there is none."""
    if looks_like_path(name):
        if os.path.lexists(name):
            return name
        message = f"{name}: expected a recipe file, found nothing there"
        raise RecipeError(message, code="recipe-not-found")
    for folder in recipe_folders():
        for suffix in SUFFIXES:
            path = os.path.join(folder, name + suffix)
            if os.path.isfile(path):
                return path
    if os.path.lexists(name):
        found = "a folder" if os.path.isdir(name) else "a file that does not end in .yaml"
        message = f"{name}: expected the name or the path of a recipe, found {found}"
        raise RecipeError(f"{message}; the recipe comes before the images", code="recipe-not-found")
    names = sorted({path_name(path) for path in _recipe_files()})
    hint = f"; {did_you_mean(name, names)}" if names else ""
    message = f"{name}: expected the name or the path of a recipe, found neither{hint}"
    raise RecipeError(message, code="recipe-not-found")


def list_recipes() -> list[NamedRecipe]:
    """Return all named recipes, by name; the first of a name is the one that runs."""
    found: dict[str, NamedRecipe] = {}
    for path in _recipe_files():
        name = path_name(path)
        if name not in found:
            found[name] = NamedRecipe(name, _description(path), path)
    return sorted(found.values())


def path_name(path: str) -> str:
    """Return the name of a recipe from the path of its file."""
    return os.path.splitext(os.path.basename(path))[0]


def _recipe_files() -> list[str]:
    paths = []
    for folder in recipe_folders():
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        paths += [os.path.join(folder, name) for name in names if name.endswith(SUFFIXES)]
    return paths


def _description(path: str) -> str:
    try:
        text = read_document(read_text(path), path).data.get("description")
    except RecipeError:
        return ""
    return text if isinstance(text, str) else ""
