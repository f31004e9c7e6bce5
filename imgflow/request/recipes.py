"""The recipe in a request: operations and outputs, a recipe written out, or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.errors import RecipeError
from imgflow.recipe.document import Document
from imgflow.recipe.findings import Findings, did_you_mean
from imgflow.recipe.library import find_recipe, list_recipes, looks_like_path
from imgflow.recipe.load import settle
from imgflow.recipe.problems import RecipeInvalid
from imgflow.recipe.resolve import resolve, resolve_document
from imgflow.recipe.text import read_text
from imgflow.request.bounds import EnoughProblems, check_files, check_lists, check_steps
from imgflow.request.lens import INLINE, NAMED, lens_of, relabel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.recipe import Recipe
    from imgflow.recipe.resolve import Resolved
    from imgflow.request.lens import Lens


#: Keys of a recipe that are about all sources of a run together.
_OF_RUNS = {"budgets", "manifest", "overrides"}


def compile_recipe(request: Document, out: str | None, prefix: str = "") -> Recipe:
    """Return the recipe of a request whose own keys are sound; ``out`` is a checked folder.

    Raises RecipeInvalid with problems that tell their place in the request.
    """
    lens = lens_of(request.data)
    try:
        return _compile(request, lens, out)
    except (RecipeInvalid, EnoughProblems) as error:
        found = error.problems if isinstance(error, RecipeInvalid) else request.findings.problems
        problems = [relabel(one, lens, request.places, prefix) for one in found]
        raise RecipeInvalid(problems, {request.file: request.text}) from error


def _compile(request: Document, lens: Lens, out: str | None) -> Recipe:
    resolved = _resolve(request, lens)
    check_files(resolved.data.get("outputs") or [], resolved.findings)
    resolved.data.pop("inputs", None)
    if resolved.findings.errors:
        raise RecipeInvalid(resolved.findings.problems, resolved.texts)
    sets = {name: str(value) for name, value in request.data.get("vars", {}).items()}
    return settle(resolved, sets=sets, out=out)


def _resolve(request: Document, lens: Lens) -> Resolved:
    data = request.data
    if lens is NAMED:
        path = _find(request)
        return resolve(read_text(path), path)
    plain = data["recipe"] if lens is INLINE else _from_form(data)
    places = lens.places(request.places)
    findings = Findings(places, request.findings.problems)
    check_lists(plain, (), findings)
    check_steps(plain, findings)
    if lens is INLINE:
        _check_inline(plain, findings)
    if findings.errors:
        raise RecipeInvalid(findings.problems, {request.file: request.text})
    document = Document(request.file, request.text, plain, places, findings)
    return resolve_document(document)


def _from_form(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipe that operations and outputs make."""
    recipe: dict[str, Any] = {"version": 1, "name": "request", "steps": data.get("operations", [])}
    recipe["outputs"] = data["outputs"] if "outputs" in data else [{"path": data["output"]}]
    return recipe | {key: data[key] for key in ("defaults", "orient") if key in data}


def _find(request: Document) -> str:
    """Return the path of a recipe of this server by its name."""
    name = request.data["recipe"]
    if not looks_like_path(name):
        try:
            return find_recipe(name)
        except RecipeError as error:
            raise _unknown(request, name) from error
    raise _unknown(request, name)


def _unknown(request: Document, name: str) -> RecipeInvalid:
    hint = did_you_mean(name[:80], [recipe.name for recipe in list_recipes()])
    message = f"no recipe is called '{name[:80]}'"
    request.findings.report("recipe-not-found", ("recipe",), message, hint=hint)
    return RecipeInvalid(request.findings.problems, {request.file: request.text})


def _check_inline(recipe: Mapping[str, Any], findings: Findings) -> None:
    """Refuse what a recipe in a request must not do: name files to extend, inputs, a manifest."""
    parents = recipe.get("extends")
    for name in parents if isinstance(parents, list) else [parents]:
        if isinstance(name, str) and looks_like_path(name):
            message = f"expected the name of a recipe, found the path '{name[:80]}'"
            findings.report("recipe-not-found", ("extends",), message)
    if "inputs" in recipe:
        message = "the inputs of a recipe are not used here"
        hint = "name them beside the recipe"
        findings.report("unused-inputs", ("inputs",), message, hint=hint, key=True)
    for key in sorted(_OF_RUNS & recipe.keys()):
        message = f"'{key}' is for runs, and of no use in a request"
        findings.report("unused-key", (key,), message, hint="remove it", key=True)
