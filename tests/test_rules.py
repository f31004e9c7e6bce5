from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from imgflow.rules import AnyOf, Excludes, Needs, OnlyWith

if TYPE_CHECKING:
    from imgflow.rules import Rule

RULES: list[tuple[Rule, dict[str, Any], str | None]] = [
    (AnyOf(("a", "b")), {"b": 1}, None),
    (AnyOf(("a", "b")), {}, "expected 'a' or 'b', found none of them"),
    (Excludes("a", ("b", "c")), {"b": 1, "c": 2}, None),
    (Excludes("a", ("b", "c")), {"a": 1, "c": 2}, "'a' cannot stand beside 'c'"),
    (Needs("a", ("b", "c")), {"a": 1, "b": 1, "c": 1}, None),
    (Needs("a", ("b", "c")), {}, None),
    (Needs("a", ("b", "c")), {"a": 1}, "'a' needs 'b' and 'c'"),
    (OnlyWith("a", "b", ("x", "y")), {"b": "z"}, None),
    (OnlyWith("a", "b", ("x", "y")), {"a": 1, "b": "y"}, None),
    (OnlyWith("a", "b", ("x", "y")), {"a": 1}, "'a' goes only with 'b' 'x' or 'y'"),
    (OnlyWith("a", "b", ("x", "y")), {"a": 1, "b": "z"}, "'a' goes only with 'b' 'x' or 'y'"),
    (OnlyWith("a", "b", ("x",), ("p", "q")), {"a": "r", "b": "z"}, None),
    (OnlyWith("a", "b", ("x",), ("p", "q")), {"a": "p", "b": "x"}, None),
    (OnlyWith("a", "b", ("x",), ("p", "q")), {"a": "p"}, "'a' 'p' goes only with 'b' 'x'"),
]


@pytest.mark.parametrize(("rule", "fields", "message"), RULES)
def test_a_rule_and_its_schema_agree(
    rule: Rule, fields: dict[str, Any], message: str | None
) -> None:
    broken = rule.broken(fields)
    assert (broken.message if broken else None) == message
    schema = jsonschema.Draft7Validator({"type": "object", **rule.schema()})
    assert schema.is_valid(fields) is (message is None)
