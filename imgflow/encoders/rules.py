"""Rules between the options of an encoder."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.rules import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Contradicts:
    """One value of an option rules out one value of another."""

    key: str
    value: str
    other_key: str
    other: str | bool

    def broken(self, fields: Mapping[str, Any]) -> Broken | None:
        """Point at the first of the two options."""
        if fields.get(self.key) != self.value or fields.get(self.other_key) != self.other:
            return None
        other = str(self.other).lower()
        message = f"'{self.key}: {self.value}' contradicts '{self.other_key}: {other}'"
        return Broken(self.key, message)

    def schema(self) -> dict[str, Any]:
        """Return a ``not`` of the two together."""
        pair = {self.key: {"const": self.value}, self.other_key: {"const": self.other}}
        return {"not": {"properties": pair, "required": [self.key, self.other_key]}}
