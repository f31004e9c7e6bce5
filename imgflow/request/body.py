"""The text of a request as plain data: JSON, strictly, and within bounds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from imgflow.recipe.nodes import DEEPEST
from imgflow.recipe.problems import Problem, RecipeInvalid
from imgflow.request.json_nodes import read_json_nodes

if TYPE_CHECKING:
    from imgflow.recipe.nodes import Node

#: What problems call the body of a request.
BODY = "body"
#: Most keys of one object: nobody needs more, and each unknown one is looked up.
MOST_KEYS = 64
_NESTED = (dict, list)


def read_text(body: bytes) -> str:
    """Return the body as text; raises RecipeInvalid if it is not UTF-8."""
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"expected UTF-8, found the byte 0x{body[error.start]:02x}"
        problem = Problem(code="not-utf-8", message=message, file=BODY, line=line, column=column)
        raise RecipeInvalid([problem], {}) from error


def read_data(text: str) -> Any:  # noqa: ANN401
    """Return the data of a JSON text at full speed; raises RecipeInvalid with the first fault."""
    try:
        msgspec.json.decode(text)
        data = json.loads(text, object_pairs_hook=_object)
    except (msgspec.DecodeError, RecursionError, ValueError):
        _find_fault(text)
        data = json.loads(text, parse_int=float)
    if type(data) in _NESTED and not _shallow(data):
        _find_fault(text)
    return data


def read_nodes(text: str) -> Node:
    """Return the data of a JSON text with places."""
    return read_json_nodes(text, BODY)


def demand_object(node: Node, what: str, text: str, path: str = "") -> None:
    """Raise RecipeInvalid unless a node is ``what`` it has to be: an object."""
    if node.pairs is None:
        problem = Problem(
            code="wrong-type",
            message=f"expected {what}, found something else",
            file=BODY,
            line=node.line,
            column=node.column,
            path=path,
        )
        raise RecipeInvalid([problem], {BODY: text})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs) or len(pairs) > MOST_KEYS:
        raise ValueError
    return data


def _shallow(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is nested no deeper than recipes may be; level by level."""
    level = [value]
    for _ in range(DEEPEST):
        if not level:
            return True
        inner = [item.values() if isinstance(item, dict) else item for item in level]
        level = [item for items in inner for item in items if type(item) in _NESTED]
    return not level


def _find_fault(text: str) -> None:
    """Say where the text is not the JSON that was expected.

    Numbers that nothing can hold are left: they are told with the value that they are of.
    """
    _check_objects(text, read_json_nodes(text, BODY))


def _check_objects(text: str, node: Node) -> None:
    """Raise RecipeInvalid for an object with a key twice, or with too many keys."""
    seen: dict[str, Node] = {}
    for key, value in node.pairs or ():
        if key.text in seen:
            first = seen[key.text]
            message = f"duplicate key '{key.text}', first in line {first.line}"
            _fail(text, "duplicate-key", message, key)
        seen[key.text] = key
        if len(seen) > MOST_KEYS:
            _fail(text, "too-many-keys", f"expected at most {MOST_KEYS} keys, found more", key)
        _check_objects(text, value)
    for item in node.items or ():
        _check_objects(text, item)


def _fail(text: str, code: str, message: str, node: Node) -> NoReturn:
    problem = Problem(code=code, message=message, file=BODY, line=node.line, column=node.column)
    raise RecipeInvalid([problem], {BODY: text})
