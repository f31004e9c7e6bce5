"""A recipe as it is for one source, value by value, with where each comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.recipe.explain import Origin, explain
from imgflow.recipe.finding import Sources, plan_inputs
from imgflow.recipe.findings import Findings
from imgflow.recipe.per_source import PerSource
from imgflow.recipe.problems import RecipeInvalid
from imgflow.recipe.sources import Found, local_path
from imgflow.storage import open_storages
from imgflow.uris import base_name, is_remote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.recipe import Recipe


def explain_source(recipe: Recipe, path: str) -> tuple[list[Origin], Mapping[str, str]]:
    """Return the values that a recipe runs with for one source, and the texts that they are from.

    What overrides that match the source say, and the file beside it, stands in its place among
    the outputs and steps. Raises RecipeInvalid if that is not sound.
    """
    findings = Findings(recipe.resolved.places)
    tailored = PerSource(recipe, findings)
    source = _found(recipe, path)
    tailored.read_sidecars([source])
    own = tailored.recipe_for(source)
    texts = {**recipe.sources, **tailored.texts}
    if findings.errors:
        raise RecipeInvalid(findings.problems, texts)
    # What holds for other sources is left out.
    return [one for one in explain(own) if not one.path.startswith("overrides[")], texts


def _found(recipe: Recipe, path: str) -> Found:
    """Return a source as the inputs of the recipe find it, or as it is where they do not."""
    if not is_remote(path):
        inputs = recipe.inputs
        plans = plan_inputs(inputs.sources, inputs.include, inputs.exclude)
        place = os.path.normpath(local_path(path))
        for source in Sources(plans, open_storages()).here():
            if os.path.normpath(local_path(source.path)) == place:
                return source
    return Found(path, base_name(path))
