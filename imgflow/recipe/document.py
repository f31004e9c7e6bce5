"""One recipe file as plain data, with the place of each value."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.recipe.findings import Findings
from imgflow.recipe.nodes import read_nodes
from imgflow.recipe.places import Keys, Place
from imgflow.recipe.problems import Problem, RecipeInvalid
from imgflow.recipe.scalars import ScalarError, read_plain, read_tagged
from imgflow.recipe.text import check_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.recipe.nodes import Node

#: How many values a recipe may have, aliases counted each time.
MOST_VALUES = 20_000


@dataclasses.dataclass(frozen=True)
class Document:
    """A parsed file: ``data`` is a mapping of plain values."""

    file: str
    text: str
    data: dict[str, Any]
    places: dict[Keys, Place]
    findings: Findings


def read_document(text: str, file: str) -> Document:
    """Parse YAML 1.2; raises RecipeInvalid where it cannot go on.

    Faults that leave the rest readable, duplicate keys say, go to ``findings``.
    """
    check_text(text, file)
    return build_document(read_nodes(text, file), text, file)


def build_document(root: Node, text: str, file: str) -> Document:
    """Turn the nodes of a mapping into plain data with places; raises RecipeInvalid."""
    if root.pairs is None:
        kind = "a list" if root.items is not None else "text"
        message = f"expected a mapping with the keys version, steps and outputs, found {kind}"
        problem = Problem(
            code="wrong-type", message=message, file=file, line=root.line, column=root.column
        )
        raise RecipeInvalid([problem], {file: text})
    places: dict[Keys, Place] = {}
    builder = _Builder(file, text, places, Findings(places))
    data = builder.value(root, (), None)
    return Document(file, text, data, places, builder.findings)


@dataclasses.dataclass
class _Builder:
    file: str
    text: str
    places: dict[Keys, Place]
    findings: Findings
    values: int = 0

    def value(self, node: Node, keys: Keys, key: Node | None) -> Any:  # noqa: ANN401
        self._count(node)
        at = key if key is not None and node.empty else node
        self.places[keys] = Place(
            self.file,
            at.line,
            at.column,
            key.line if key else 0,
            key.column if key else 0,
            node.inner,
        )
        if node.pairs is not None:
            return self._mapping(node, keys)
        if node.items is not None:
            return [self.value(item, (*keys, at), None) for at, item in enumerate(node.items)]
        return self._scalar(node, keys)

    def _scalar(self, node: Node, keys: Keys) -> Any:  # noqa: ANN401
        try:
            if node.tag is not None and node.tag != "!":
                return read_tagged(node.text, node.tag)
            return read_plain(node.text) if node.plain else node.text
        except ScalarError as error:
            self.findings.report("bad-scalar", keys, str(error))
            return node.text

    def _mapping(self, node: Node, keys: Keys) -> dict[str, Any]:
        own: dict[str, tuple[Node, Node]] = {}
        merged: dict[str, tuple[Node, Node]] = {}
        merges: Node | None = None
        for key, value in node.pairs or ():
            name = self._name(key, keys)
            if name is None:
                continue
            merging = name == "<<" and key.plain
            first = merges if merging else own.get(name, (None,))[0]
            if first is not None:
                self._report_duplicate(name, first, key, keys)
            elif merging:
                merges = key
                merged = dict(self._merged(value, keys, key))
            else:
                own[name] = key, value
        pairs = merged | own
        return {name: self.value(value, (*keys, name), key) for name, (key, value) in pairs.items()}

    def _merged(
        self, value: Node, keys: Keys, key: Node
    ) -> Iterator[tuple[str, tuple[Node, Node]]]:
        """Yield what ``<<`` brings in; of several mappings the first has the last word."""
        sources = [value] if value.items is None else list(reversed(value.items))
        for source in sources:
            self._count(source)
            if source.pairs is None:
                message = "'<<' expects a mapping, or a list of mappings, to merge"
                self._report_at("bad-merge", message, value if not value.empty else key, keys)
                continue
            yield from self._merged_own(source, keys)

    def _merged_own(self, source: Node, keys: Keys) -> Iterator[tuple[str, tuple[Node, Node]]]:
        """Yield the pairs of one merged mapping, after those that it merges itself."""
        own = []
        for key, value in source.pairs or ():
            self._count(key)
            name = self._name(key, keys)
            if name == "<<" and key.plain:
                yield from self._merged(value, keys, key)
            elif name is not None:
                own.append((name, (key, value)))
        yield from own

    def _name(self, key: Node, keys: Keys) -> str | None:
        if key.items is not None or key.pairs is not None:
            self._report_at("bad-key", "expected text as a key, found a collection", key, keys)
            return None
        try:
            name = read_plain(key.text) if key.plain else key.text
        except ScalarError:
            name = None
        if isinstance(name, str):
            return name
        message = f"expected text as a key, found {key.text or 'nothing'}"
        self._report_at("bad-key", message, key, keys, hint="put it in quotes if it is meant")
        return None

    def _report_duplicate(self, name: str, first: Node, second: Node, keys: Keys) -> None:
        message = f"duplicate key '{name}', first in line {first.line}"
        self._report_at("duplicate-key", message, second, keys, hint="remove one of them")

    def _report_at(self, code: str, message: str, node: Node, keys: Keys, hint: str = "") -> None:
        place = Place(self.file, node.line, node.column)
        self.findings.at({**self.places, keys: place}).report(code, keys, message, hint=hint)

    def _count(self, node: Node) -> None:
        """Bound the work that aliases of aliases make."""
        self.values += 1
        if self.values <= MOST_VALUES:
            return
        message = f"expected at most {MOST_VALUES} values, found more once aliases are filled in"
        problem = Problem(
            code="too-many-values",
            message=message,
            file=self.file,
            line=node.line,
            column=node.column,
        )
        raise RecipeInvalid([problem], {self.file: self.text})
