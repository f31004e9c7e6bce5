"""The Python API for many images: run a recipe."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.recipe import Recipe, expand, load_recipe
from imgflow.runner import run_jobs
from imgflow.settings import read_settings
from imgflow.storage.opening import open_settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgflow.job import Result


def run(  # noqa: PLR0913
    recipe: str | Recipe,
    inputs: Sequence[str] | None = None,
    *,
    out: str | None = None,
    sets: Mapping[str, str] | None = None,
    jobs: int | None = None,
    force: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Result]:
    """Run a recipe on files, folders, patterns and URIs, as ``imgflow run`` does.

    ``recipe`` is a name, a path, or what ``load_recipe`` returned (``out`` and ``sets`` are
    then taken from there). ``inputs`` default to those of the recipe, ``jobs`` to the cores
    this process may use, two for each if images are far away. The results come in the order
    in which the images were finished; what fails is among them. Raises RecipeInvalid if the
    recipe is wrong.

    Many images are worked on in processes of their own, a single one in this process.
    The processes do not import the calling script, so that it needs no
    ``if __name__ == "__main__"``.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, sets=sets, out=out)
    settings = read_settings(os.environ)
    stores, hosts = settings.stores, settings.allow
    storage = open_settled(stores, limits, hosts=hosts)
    work = expand(recipe, inputs, force=force, storage=storage)
    workers = jobs or settings.jobs
    with closing(
        run_jobs(work, workers=workers, limits=limits, stores=stores, hosts=hosts)
    ) as results:
        return list(results)
