"""JSON text as a tree of nodes with places: read again, slowly, once something is wrong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from imgflow.recipe.nodes import DEEPEST, Node
from imgflow.recipe.problems import Problem, RecipeInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")
_WORD = re.compile(r"[\w.+-]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json_nodes(text: str, file: str) -> Node:
    """Return the tree of a JSON text; raises RecipeInvalid with the place of the first fault."""
    reader = _Reader(text, file)
    node = reader.value(0)
    if reader.peek():
        reader.fail("expected nothing after the end of the value")
    return node


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.line = 1
        self.line_start = 0

    def value(self, depth: int) -> Node:
        """Read the value that comes next, and what is in it."""
        found = self.peek()
        if depth >= DEEPEST:
            self.fail(f"expected at most {DEEPEST} levels of nesting, found more", "too-deep")
        node = Node(self.line, self.at - self.line_start + 1, None)
        if found == "{":
            node.pairs = []
            self._members("}", lambda: self._pair(node, depth))
        elif found == "[":
            node.items = []
            self._members("]", lambda: self._item(node, depth))
        elif found == '"':
            self._string(node)
        else:
            self._plain(node)
        return node

    def peek(self) -> str:
        """Skip white space and return the next character, or '' at the end."""
        end = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
        lines = self.text.count("\n", self.at, end)
        if lines:
            self.line += lines
            self.line_start = self.text.rindex("\n", self.at, end) + 1
        self.at = end
        return self.text[end : end + 1]

    def fail(self, message: str, code: str = "not-json") -> NoReturn:
        """Raise the one problem, at the current place."""
        column = self.at - self.line_start + 1
        problem = Problem(code=code, message=message, file=self.file, line=self.line, column=column)
        raise RecipeInvalid([problem], {self.file: self.text})

    def _members(self, closing: str, read: Callable[[], None]) -> None:
        self.at += 1
        if self.peek() != closing:
            read()
            while self.peek() == ",":
                self.at += 1
                self.peek()
                read()
        if self.peek() != closing:
            self.fail(f"expected ',' or '{closing}', found {self._found()}")
        self.at += 1

    def _item(self, node: Node, depth: int) -> None:
        if node.items is not None:
            node.items.append(self.value(depth + 1))

    def _pair(self, node: Node, depth: int) -> None:
        key = Node(self.line, self.at - self.line_start + 1, None)
        if self.peek() != '"':
            self.fail(f"expected a key in double quotes, found {self._found()}")
        self._string(key)
        if self.peek() != ":":
            self.fail(f"expected ':' after the key, found {self._found()}")
        self.at += 1
        if node.pairs is not None:
            node.pairs.append((key, self.value(depth + 1)))

    def _string(self, node: Node) -> None:
        match = _STRING.match(self.text, self.at)
        if match is None:
            self.fail("expected a text that ends in '\"', with escapes as JSON has them")
        node.text = json.loads(match.group())
        if _SURROGATE.search(node.text):
            self.fail("expected whole characters, found half of a surrogate pair")
        node.inner = 1 if match.group()[1:-1] == node.text else -1
        self.at = match.end()

    def _plain(self, node: Node) -> None:
        match = _PLAIN.match(self.text, self.at)
        if match is None:
            self.fail(f"expected a value, found {self._found()}")
        node.text, node.plain = match.group(), True
        self.at = match.end()

    def _found(self) -> str:
        if not self.text[self.at : self.at + 1]:
            return "the end of the text"
        word = _WORD.match(self.text, self.at)
        return repr(word.group()[:40] if word else self.text[self.at])
