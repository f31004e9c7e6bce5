"""The value that a recipe file becomes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.budgets import Budgets

if TYPE_CHECKING:
    from imgflow.job import Output
    from imgflow.recipe.outputs import Variant
    from imgflow.recipe.overrides import Override
    from imgflow.recipe.problems import Problem
    from imgflow.recipe.resolve import Resolved


@dataclasses.dataclass(frozen=True)
class Inputs:
    """Where sources come from: files, folders or globs, and patterns for folders."""

    sources: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A recipe that has been checked, with vars filled in and outputs spread out.

    ``variants`` are all files to make of one source, unless ``overrides`` say otherwise;
    ``resolved`` is what was written, with places. ``manifest`` is a path, "" for none; ``out``
    is the folder that was named for this run. ``warnings`` are problems that do not keep it
    from running.
    """

    name: str
    description: str
    file: str
    vars: dict[str, str]
    inputs: Inputs
    orient: bool
    steps: tuple[dict[str, Any], ...]
    variants: tuple[Variant, ...]
    warnings: tuple[Problem, ...]
    resolved: Resolved = dataclasses.field(repr=False)
    overrides: tuple[Override, ...] = ()
    manifest: str = ""
    budgets: Budgets = dataclasses.field(default_factory=Budgets)
    out: str | None = None

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What is made of each source: one output for each width and format."""
        return tuple(variant.output for variant in self.variants)

    @property
    def sources(self) -> dict[str, str]:
        """The texts of the files that the recipe was read from, by name."""
        return self.resolved.texts
