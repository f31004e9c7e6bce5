"""What is watched."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imgflow.errors import UsageError
from imgflow.uris import is_remote
from imgflow.watch.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgflow.recipe import Recipe
    from imgflow.storage import Storage


@dataclasses.dataclass(frozen=True)
class Task:
    """A recipe that ``load`` loads from a ``file``, and what it works on.

    ``inputs``, if not None, stand in for those of the recipe; ``state`` is as in
    :func:`imgflow.project.open_project`.
    """

    load: Callable[[], Recipe]
    file: str
    inputs: Sequence[str] | None
    storage: Storage
    state: str | None = None

    @property
    def shares(self) -> bool:
        """Whether what is made is kept far away too."""
        return self.state is not None and is_remote(self.state)

    def recipe(self) -> Recipe:
        """Load the recipe; raises RecipeError, UsageError if anything in it is far away."""
        recipe = self.load()
        names = recipe.inputs.sources if self.inputs is None else self.inputs
        far = next(filter(is_remote, (*names, *(one.path for one in recipe.outputs))), None)
        if far is not None:
            message = (
                f"watch: expected sources and outputs on this machine, found {far}; "
                "use imgflow run for them"
            )
            raise UsageError(message, code="far-away")
        return recipe

    def open(self, recipe: Recipe) -> Workspace:
        """Find the sources, and what was made of them; raises ImgflowError."""
        return Workspace(recipe, self.inputs, self.storage, self.state)
