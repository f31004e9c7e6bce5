"""A recipe source by source: as its overrides and the files beside sources have it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.recipe.sidecars import find_sidecar, read_sidecar
from imgflow.recipe.tailoring import tailor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Output
    from imgflow.recipe.findings import Findings
    from imgflow.recipe.outputs import Variant
    from imgflow.recipe.overrides import Said
    from imgflow.recipe.recipe import Recipe
    from imgflow.recipe.sources import Found


@dataclasses.dataclass(frozen=True)
class Making:
    """What is made of a source, and what it shows in words."""

    recipe: Recipe
    outputs: tuple[Output, ...]
    steps: tuple[dict[str, Any], ...]
    alt: str = ""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The files with what they come from."""
        return self.recipe.variants


class PerSource:
    """What is made of each source; sources with the same overrides share it."""

    def __init__(self, recipe: Recipe, findings: Findings) -> None:
        """Know of no sidecars yet; what is wrong with any goes to ``findings``."""
        self.plain = Making(recipe, recipe.outputs, recipe.steps)
        #: The texts of the sidecars, by path.
        self.texts: dict[str, str] = {}
        self._recipe = recipe
        self._findings = findings
        self._sidecars: dict[str, Making] = {}
        self._shared: dict[tuple[int, ...], Making] = {(): self.plain}
        self._idle = set(range(len(recipe.overrides)))

    def read_sidecars(self, sources: Iterable[Found]) -> None:
        """Read the files beside sources of this machine; all their faults are reported."""
        for source in sources:
            path = find_sidecar(source.path)
            said = path and read_sidecar(path, self._findings, self.texts)
            if said:
                chosen = self._chosen(source)
                over = [self._recipe.overrides[at].said for at in chosen]
                self._sidecars[source.path] = self._make([*over, said])

    @property
    def alike(self) -> bool:
        """Whether the same is made of all sources."""
        return not self._recipe.overrides and not self._sidecars

    def making(self, source: Found) -> Making:
        """Return what is made of a source."""
        if self.alike:
            return self.plain
        chosen = self._chosen(source)
        if (own := self._sidecars.get(source.path)) is not None:
            return own
        if chosen not in self._shared:
            self._shared[chosen] = self._make([self._recipe.overrides[at].said for at in chosen])
        return self._shared[chosen]

    def warn_idle(self) -> None:
        """Report overrides that matched none of the sources asked for so far."""
        for at in sorted(self._idle):
            override = self._recipe.overrides[at]
            keys = (*override.said.keys, "match")
            patterns = ", ".join(f"'{pattern}'" for pattern in override.patterns)
            message = f"expected a source that matches {patterns}, found none"
            hint = "patterns are for paths below the folder that is searched"
            self._findings.report("idle-override", keys, message, hint=hint, severity="warning")

    def _chosen(self, source: Found) -> tuple[int, ...]:
        overrides = enumerate(self._recipe.overrides)
        chosen = tuple(at for at, override in overrides if override.takes(source))
        self._idle.difference_update(chosen)
        return chosen

    def _make(self, said: list[Said]) -> Making:
        tailored = tailor(self._recipe, said, self._findings)
        outputs, steps = tailored.outputs, tailored.steps
        return Making(
            tailored,
            self.plain.outputs if outputs == self.plain.outputs else outputs,
            self.plain.steps if steps == self.plain.steps else steps,
            tailored.resolved.data.get("alt", ""),
        )
