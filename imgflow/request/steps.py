"""Files that steps read, overlays and fonts: in their normal form, and only where allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.errors import RecipeError
from imgflow.operations import parse_steps
from imgflow.recipe.load import load_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys
    from imgflow.recipe.recipe import Recipe
    from imgflow.request.access import Access
    from imgflow.request.lens import Lens

    Steps = tuple[dict[str, Any], ...]


def files_of(steps: Steps) -> tuple[str, ...]:
    """Return the files that steps read."""
    return tuple(fields[name] for fields in steps for name in _names(fields))


def own_files(recipe: Recipe) -> frozenset[str]:
    """Return the files that a recipe of this server reads if no var is set."""
    if not _all_files(recipe):
        return frozenset()
    try:
        return _all_files(load_recipe(recipe.file))
    except RecipeError:
        return frozenset()


def _all_files(recipe: Recipe) -> frozenset[str]:
    chains = [recipe.steps, *(variant.output.steps for variant in recipe.variants)]
    return frozenset(path for steps in chains for path in files_of(steps))


class StepCheck:
    """Checks the files of a recipe's steps; ``own`` ones need no leave."""

    def __init__(self, access: Access, lens: Lens, findings: Findings, own: frozenset[str]) -> None:
        """Report to ``findings``, at the places that the lens tells."""
        self._access = access
        self._lens = lens
        self._findings = findings
        self._own = own

    def checked(self, steps: Steps, keys: Keys) -> Steps:
        """Return steps with their files in normal form; ``keys`` lead to the list of them."""
        return tuple(dict(self._fields(step, (*keys, at))) for at, step in enumerate(steps))

    def _fields(self, step: dict[str, Any], keys: Keys) -> Iterator[tuple[str, Any]]:
        names = _names(step)
        for name, value in step.items():
            if name in names and value not in self._own:
                where = self._lens.to_request((*keys, name))
                yield name, self._access.checked(value, where, self._findings)
            else:
                yield name, value


def _names(fields: dict[str, Any]) -> list[str]:
    """Return the parameters of a step that name files."""
    (step,) = parse_steps([fields])
    files = step.files()
    return [name for name, value in fields.items() if files and value in files]
