"""The Python API for many images: run a recipe."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.machine import this_machine
from imgflow.recipe import Recipe, expand, load_recipe

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
    state: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Result]:
    """Run a recipe on files, folders, patterns and URIs.

    ``recipe`` is a name, a path, or what ``load_recipe`` returned (``out`` and ``sets`` are
    then taken from there). ``inputs`` default to those of the recipe, ``jobs`` to the cores
    this process may use, two for each if images are far away. The results come in the order
    in which the images were finished; what fails is among them. Raises RecipeInvalid if the
    recipe is wrong.

    ``state`` is a folder, or a bucket with a prefix, in which it is remembered what was made, so
    that only what is not up to date is made again; the manifest that the recipe asks for is then
    written too. Without one everything is made, and only images are written.

    Many images are worked on in processes of their own, a single one in this process.
    The processes do not import the calling script, so that it needs no
    ``if __name__ == "__main__"``.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, sets=sets, out=out)
    machine = this_machine(limits, jobs)
    storage = machine.storage()
    if state is None:
        with closing(machine.work(expand(recipe, inputs, force=force, storage=storage))) as results:
            return list(results)
    from imgflow.project import open_project

    with open_project(recipe, inputs, storage, state=state, force=force) as project:
        done = list(project.bring_up(machine.work))
        project.write_manifest()
        return done
