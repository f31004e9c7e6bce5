"""YAML text as a tree of nodes with places, built from the events of PyYAML's parser."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from imgflow.recipe.problems import Problem, RecipeInvalid, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.error import Mark, MarkedYAMLError

#: How deep a recipe may be nested.
DEEPEST = 32

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
#: A path template that stands in a value without quotes.
_TEMPLATE = re.compile(r"[:-]\s+\{\w+(?::\d+)?\}$")
_FLOW_OPENERS = "[{"


@dataclasses.dataclass(eq=False, slots=True)
class Node:
    """A scalar (text), a sequence (nodes) or a mapping (pairs of nodes).

    ``line`` and ``column`` count from 1 and point behind anchors and tags. ``inner``:
    see :class:`imgflow.recipe.places.Place`.
    """

    line: int
    column: int
    tag: str | None
    text: str = ""
    plain: bool = False
    inner: int = -1
    items: list[Node] | None = None
    pairs: list[tuple[Node, Node]] | None = None

    @property
    def empty(self) -> bool:
        """Tell whether nothing is written there."""
        return self.plain and self.text == ""


def read_nodes(text: str, file: str) -> Node:
    """Return the tree of the one document in a text.

    Anchored nodes stand in it as often as they are named. Raises RecipeInvalid with one
    problem: nothing sensible can be said about what comes after it.
    """
    return _Reader(text, file).document()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.anchors: dict[str, Node | None] = {}
        self.open: list[Any] = []
        self.events = self._events()

    def document(self) -> Node:
        from yaml.events import DocumentStartEvent, StreamEndEvent

        next(self.events)
        event = next(self.events)
        if isinstance(event, StreamEndEvent):
            raise self._fault("empty-recipe", "expected a recipe, found an empty file", 1, 1)
        root = self._node(next(self.events), 0)
        next(self.events)
        event = next(self.events)
        mark = event.start_mark
        if isinstance(event, DocumentStartEvent):
            message = "expected one document, found a second one; put it into a file of its own"
            raise self._fault_at("several-documents", message, mark)
        if root.plain and root.text in {"", "~", "null"}:
            raise self._fault("empty-recipe", "expected a recipe, found an empty document", 1, 1)
        return root

    def _node(self, event: Any, depth: int) -> Node:  # noqa: ANN401
        from yaml.events import AliasEvent, MappingStartEvent, ScalarEvent

        if isinstance(event, AliasEvent):
            return self._anchored(event)
        if depth >= DEEPEST:
            message = f"expected at most {DEEPEST} levels of nesting, found more"
            raise self._fault_at("too-deep", message, event.start_mark)
        line, column, index = self._content(event.start_mark)
        end = event.end_mark.index
        node = Node(line, column, event.tag)
        if event.anchor:
            self.anchors[event.anchor] = None
        if isinstance(event, ScalarEvent):
            raw = self.text[index:end]
            node.text, node.plain = event.value, event.tag is None and bool(event.implicit[0])
            node.inner = _inner(raw, event.value)
        elif isinstance(event, MappingStartEvent):
            node.pairs = self._pairs(event, depth)
        else:
            node.items = list(self._children(event, depth))
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _pairs(self, event: Any, depth: int) -> list[tuple[Node, Node]]:  # noqa: ANN401
        children = list(self._children(event, depth))
        return list(zip(children[::2], children[1::2], strict=True))

    def _children(self, start: Any, depth: int) -> Iterator[Node]:  # noqa: ANN401
        from yaml.events import CollectionEndEvent

        self.open.append(start)
        while not isinstance(event := next(self.events), CollectionEndEvent):
            yield self._node(event, depth + 1)
        self.open.pop()

    def _anchored(self, event: Any) -> Node:  # noqa: ANN401
        if event.anchor not in self.anchors:
            message = f"the alias '*{event.anchor}' has no anchor '&{event.anchor}' before it"
            raise self._fault_at("unknown-alias", message, event.start_mark)
        node = self.anchors[event.anchor]
        if node is None:
            message = f"the alias '*{event.anchor}' stands inside its own anchor"
            raise self._fault_at("recursive-alias", message, event.start_mark)
        return node

    def _events(self) -> Iterator[Any]:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        try:
            while loader.check_event():
                yield loader.get_event()
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from error
        finally:
            loader.dispose()

    def _syntax(self, error: MarkedYAMLError) -> RecipeInvalid:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return self._fault("not-yaml", f"expected YAML, found: {error.problem}", 1, 1)
        lines = [*split_lines(self.text), "", ""]  # libyaml counts an end of line that is missing
        indent = lines[mark.line][: mark.column + 1]
        if "\t" in indent and not indent.strip():
            message = "expected spaces, found a tab; YAML is indented with spaces"
            return self._fault("tab", message, mark.line + 1, indent.index("\t") + 1)
        if self.open and not self.text[mark.index :].strip():
            line, column, index = self._content(self.open[-1].start_mark)
            if self.text[index] in _FLOW_OPENERS:
                message = f"'{self.text[index]}' is never closed"
                return self._fault("not-yaml", message, line, column)
            mark = error.context_mark or mark
        context = f" {error.context}" if error.context else ""
        message = f"not YAML: {error.problem}{context}"
        if _TEMPLATE.search(lines[mark.line][: mark.column]):
            message += "; put text that begins with a brace in quotes"
        return self._fault_at("not-yaml", message, mark)

    def _content(self, mark: Mark) -> tuple[int, int, int]:
        """Skip anchor and tag: return line and column, from 1, and the offset of the content."""
        line, column, index = mark.line + 1, mark.column + 1, mark.index
        if self.text[index : index + 1] not in {"&", "!"}:
            return line, column, index
        properties = _PROPERTIES.match(self.text, index)
        if properties is None:
            return line, column, index
        skipped, end = properties.group(), properties.end()
        if "\n" in skipped:
            return line + skipped.count("\n"), len(skipped) - skipped.rindex("\n"), end
        return line, column + len(skipped), end

    def _fault_at(self, code: str, message: str, mark: Mark) -> RecipeInvalid:
        return self._fault(code, message, mark.line + 1, mark.column + 1)

    def _fault(self, code: str, message: str, line: int, column: int) -> RecipeInvalid:
        problem = Problem(code=code, message=message, file=self.file, line=line, column=column)
        return RecipeInvalid([problem], {self.file: self.text})


def _inner(raw: str, value: str) -> int:
    """Return where the text of a scalar begins in its source, or -1 if it differs."""
    if raw == value:
        return 0
    return 1 if raw[1:-1] == value else -1
