"""Load a recipe: read, check, resolve, and report every problem at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.recipe.budget_keys import read_budgets
from imgflow.recipe.collisions import check_outputs
from imgflow.recipe.formats import report_idle_defaults
from imgflow.recipe.library import find_recipe, path_name
from imgflow.recipe.manifest_path import manifest_path
from imgflow.recipe.outputs import OutputBuilder
from imgflow.recipe.overrides import read_overrides
from imgflow.recipe.placement import check_placement
from imgflow.recipe.problems import RecipeInvalid
from imgflow.recipe.recipe import Inputs, Recipe
from imgflow.recipe.resolve import resolve
from imgflow.recipe.tailoring import tailor
from imgflow.recipe.text import read_text
from imgflow.recipe.variables import fill_glob, fill_steps, set_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.overrides import Override
    from imgflow.recipe.resolve import Resolved


def load_recipe(
    name_or_path: str, *, sets: Mapping[str, str] | None = None, out: str | None = None
) -> Recipe:
    """Load a recipe by its name or path.

    ``sets`` overrides vars. ``out`` sets the var of that name, or goes before the paths of
    outputs. Raises RecipeInvalid with all problems, RecipeError if there is no such file.
    """
    path = find_recipe(name_or_path)
    return parse_recipe(read_text(path), file=path, sets=sets, out=out)


def parse_recipe(
    text: str,
    *,
    file: str = "<recipe>",
    sets: Mapping[str, str] | None = None,
    out: str | None = None,
) -> Recipe:
    """Load a recipe from its text; ``file`` is what messages call it. See load_recipe."""
    return settle(resolve(text, file), sets=sets, out=out)


def settle(
    resolved: Resolved, *, sets: Mapping[str, str] | None = None, out: str | None = None
) -> Recipe:
    """Fill in the vars of a resolved recipe and check what it then says. See load_recipe."""
    values = set_variables(resolved, sets or {}, out)
    inputs = _inputs(resolved, values)
    steps: tuple[dict[str, Any], ...] = ()
    if resolved.findings.clean(("steps",)):
        shared = resolved.data.get("steps", [])
        steps = fill_steps(shared, values, ("steps",), resolved.findings)
    builder = OutputBuilder(resolved, values, out, steps)
    variants = builder.variants()
    if resolved.findings.clean(("outputs",)):
        report_idle_defaults(resolved, [variant.format for variant in variants])
    manifest = manifest_path(builder)
    overrides: tuple[Override, ...] = ()
    if resolved.findings.clean(("overrides",)):
        overrides = read_overrides(resolved, values)
    check_outputs(variants, resolved.findings)
    if resolved.findings.clean(("inputs",)):
        check_placement(variants, inputs, resolved.findings)
    if "outputs" not in resolved.data and not resolved.findings.errors:
        message = "expected outputs here or in a recipe that this one extends, found none"
        resolved.findings.report("missing-key", (), message)
    if resolved.findings.errors:
        raise RecipeInvalid(resolved.findings.problems, resolved.texts)
    recipe = Recipe(
        name=resolved.data.get("name", path_name(resolved.file)),
        description=resolved.data.get("description", ""),
        file=resolved.file,
        vars=values,
        inputs=inputs,
        orient=resolved.data.get("orient", True),
        steps=steps,
        variants=tuple(variants),
        warnings=tuple(resolved.findings.problems),
        resolved=resolved,
        overrides=overrides,
        manifest=manifest,
        budgets=read_budgets(resolved.data.get("budgets", {})),
        out=out,
    )
    return _checked(recipe) if overrides else recipe


def _checked(recipe: Recipe) -> Recipe:
    """Return a recipe after trying each of its overrides; raises RecipeInvalid for misfits."""
    findings = recipe.resolved.findings
    for override in recipe.overrides:
        tailored = tailor(recipe, [override.said], findings)
        if not findings.errors:
            check_placement(tailored.variants, recipe.inputs, findings)
    if findings.errors:
        raise RecipeInvalid(findings.problems, recipe.sources)
    return dataclasses.replace(recipe, warnings=tuple(findings.problems))


def _inputs(recipe: Resolved, values: Mapping[str, str]) -> Inputs:
    fields = recipe.data.get("inputs")
    if not isinstance(fields, dict) or not recipe.findings.clean(("inputs",)):
        return Inputs()
    sources, include, exclude = (
        _texts(recipe, values, fields, key) for key in ("from", "include", "exclude")
    )
    return Inputs(sources, include, exclude)


def _texts(
    recipe: Resolved, values: Mapping[str, str], fields: Mapping[str, Any], key: str
) -> tuple[str, ...]:
    found = fields.get(key, [])
    if isinstance(found, str):
        return (fill_glob(found, values, ("inputs", key), recipe.findings),)
    return tuple(
        fill_glob(text, values, ("inputs", key, at), recipe.findings)
        for at, text in enumerate(found)
    )
