"""Rules between the parameters of one step or output, that types alone cannot say.

Each rule is told once: :meth:`Rule.schema` puts it into the published JSON Schema,
:meth:`Rule.broken` finds the words for a message.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Broken(NamedTuple):
    """A rule that does not hold: the key to point at (None: the whole step), and why."""

    key: str | None
    message: str


class Rule(Protocol):
    """A condition on the keys of a mapping."""

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Return what is wrong, or None."""

    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema, draft-07."""


def listed(names: tuple[str, ...], joint: str) -> str:
    """Return ``'a', 'b' or 'c'``."""
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"


@dataclasses.dataclass(frozen=True)
class AnyOf:
    """At least one of some keys must be there."""

    keys: tuple[str, ...]

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Point at the whole step: there is no key to point at."""
        if any(key in fields for key in self.keys):
            return None
        return Broken(None, f"expected {listed(self.keys, 'or')}, found none of them")

    def schema(self) -> dict[str, Any]:
        """Return an ``anyOf`` of ``required``."""
        return {"anyOf": [{"required": [key]} for key in self.keys]}


@dataclasses.dataclass(frozen=True)
class Excludes:
    """A key cannot stand beside some others."""

    key: str
    others: tuple[str, ...]

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Point at the key that excludes."""
        found = tuple(other for other in self.others if other in fields)
        if self.key not in fields or not found:
            return None
        return Broken(self.key, f"'{self.key}' cannot stand beside {listed(found, 'and')}")

    def schema(self) -> dict[str, Any]:
        """Return a ``not required`` for each pair."""
        pairs = [{"required": [self.key, other]} for other in self.others]
        return {"not": {"anyOf": pairs}}


@dataclasses.dataclass(frozen=True)
class Needs:
    """A key is of use only together with some others."""

    key: str
    others: tuple[str, ...]

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Point at the key that needs."""
        missing = tuple(other for other in self.others if other not in fields)
        if self.key not in fields or not missing:
            return None
        return Broken(self.key, f"'{self.key}' needs {listed(missing, 'and')}")

    def schema(self) -> dict[str, Any]:
        """Return a ``dependencies``."""
        return {"dependencies": {self.key: list(self.others)}}


@dataclasses.dataclass(frozen=True)
class OnlyWith:
    """A key, or certain values of it, makes sense only beside certain values of another key."""

    key: str
    other: str
    allowed: tuple[str, ...]
    values: tuple[str, ...] = ()

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Point at the key that makes no sense."""
        if self.key not in fields or (self.values and fields[self.key] not in self.values):
            return None
        if fields.get(self.other) in self.allowed:
            return None
        value = f" {fields[self.key]!r}" if self.values else ""
        message = f"'{self.key}'{value} goes only with '{self.other}' {listed(self.allowed, 'or')}"
        return Broken(self.key, message)

    def schema(self) -> dict[str, Any]:
        """Return an ``if`` and ``then``."""
        condition: dict[str, Any] = {"required": [self.key]}
        if self.values:
            condition["properties"] = {self.key: {"enum": list(self.values)}}
        needed = {"required": [self.other], "properties": {self.other: {"enum": [*self.allowed]}}}
        return {"if": condition, "then": needed}


@dataclasses.dataclass(frozen=True)
class Unless:
    """A key must be there, unless another one is."""

    key: str
    other: str

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Point at the whole mapping: there is no key to point at."""
        if self.key in fields or self.other in fields:
            return None
        return Broken(None, f"missing key '{self.key}'")

    def schema(self) -> dict[str, Any]:
        """Return an ``anyOf`` of ``required``."""
        return {"anyOf": [{"required": [self.key]}, {"required": [self.other]}]}
