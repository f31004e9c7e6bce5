"""A recipe source by source: as its overrides and the files beside sources have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from imgflow.recipe.overrides import combine
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


class Making(NamedTuple):
    """What is made of a source, and what it shows in words.

    Of ``variants`` the paths and formats hold, and not the steps.
    """

    variants: tuple[Variant, ...]
    outputs: tuple[Output, ...]
    steps: tuple[dict[str, Any], ...]
    alt: str = ""

    def refocused(self, old: object, new: object) -> Making:
        """Return it with another focus, where ``old`` itself is one."""
        outputs = tuple(_with_focus(output, old, new) for output in self.outputs)
        same = all(one is two for one, two in zip(outputs, self.outputs, strict=True))
        return self._replace(
            outputs=self.outputs if same else outputs, steps=_refocused(self.steps, old, new)
        )


class PerSource:
    """What is made of each source; sources with the same overrides share it."""

    def __init__(self, recipe: Recipe, findings: Findings) -> None:
        """Know of no sidecars yet; what is wrong with any goes to ``findings``."""
        self.plain = Making(recipe.variants, recipe.outputs, recipe.steps)
        #: The texts of the sidecars, by path.
        self.texts: dict[str, str] = {}
        self._recipe = recipe
        self._findings = findings
        self._sidecars: dict[str, tuple[Said, Making]] = {}
        self._shared: dict[tuple[int, ...], Making] = {(): self.plain}
        self._known: dict[bytes, tuple[Making, object]] = {}
        self._idle = set(range(len(recipe.overrides)))

    def read_sidecars(self, sources: Iterable[Found]) -> None:
        """Read the files beside sources of this machine; all their faults are reported."""
        for source in sources:
            path = find_sidecar(source.path)
            said = path and read_sidecar(path, self._findings, self.texts)
            if said:
                making = self._make([*self._overriding(self._chosen(source)), said])
                self._sidecars[source.path] = said, making

    @property
    def alike(self) -> bool:
        """Whether the same is made of all sources."""
        return not self._recipe.overrides and not self._sidecars

    def making(self, source: Found) -> Making:
        """Return what is made of a source."""
        if self.alike:
            return self.plain
        chosen = self._chosen(source)
        if source.path in self._sidecars:
            return self._sidecars[source.path][1]
        if chosen not in self._shared:
            self._shared[chosen] = self._make(self._overriding(chosen))
        return self._shared[chosen]

    def recipe_for(self, source: Found) -> Recipe:
        """Return the recipe as it is for a source."""
        said = self._overriding(self._chosen(source))
        if source.path in self._sidecars:
            said.append(self._sidecars[source.path][0])
        return tailor(self._recipe, said, self._findings) if said else self._recipe

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

    def _overriding(self, chosen: tuple[int, ...]) -> list[Said]:
        return [self._recipe.overrides[at].said for at in chosen]

    def _make(self, said: list[Said]) -> Making:
        """Return what is made where this is said.

        What differs in its focus alone, as sidecars do, is worked out once.
        """
        data = combine(one.layer for one in said).data
        focus, alt = data.get("focus"), data.get("alt", "")
        key = msgspec.json.encode({**data, "focus": focus is None, "alt": ""}, order="sorted")
        if key in self._known:
            known, old = self._known[key]
            return (known if focus is None else known.refocused(old, focus))._replace(alt=alt)
        before = len(self._findings.problems)
        tailored = tailor(self._recipe, said, self._findings)
        outputs, steps = tailored.outputs, tailored.steps
        making = Making(
            tailored.variants,
            self.plain.outputs if outputs == self.plain.outputs else outputs,
            self.plain.steps if steps == self.plain.steps else steps,
            alt,
        )
        if len(self._findings.problems) == before:
            self._known[key] = making, focus
        return making


def _with_focus(output: Output, old: object, new: object) -> Output:
    steps = _refocused(output.steps, old, new)
    return output if steps is output.steps else msgspec.structs.replace(output, steps=steps)


def _refocused(
    steps: tuple[dict[str, Any], ...], old: object, new: object
) -> tuple[dict[str, Any], ...]:
    if not any(step.get("focus") is old for step in steps):
        return steps
    return tuple({**step, "focus": new} if step.get("focus") is old else step for step in steps)
