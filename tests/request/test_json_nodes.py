import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgflow.recipe import RecipeInvalid
from imgflow.recipe.nodes import DEEPEST, Node
from imgflow.request.json_nodes import read_json_nodes

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def plain(node: Node) -> Any:
    if node.pairs is not None:
        return {key.text: plain(value) for key, value in node.pairs}
    if node.items is not None:
        return [plain(item) for item in node.items]
    return json.loads(node.text) if node.plain else node.text


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t", "\r\n"]))
def test_it_reads_what_json_reads(value: Any, ascii_only: bool, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert plain(read_json_nodes(text, "x")) == value


@given(st.text(alphabet='{}[]",:\\u0123456789abcdeE+-.truefalsn \n', max_size=30))
def test_it_refuses_what_json_refuses(text: str) -> None:
    def constant(name: str) -> None:
        raise ValueError(name)

    try:
        expected = json.loads(text, parse_constant=constant)
        json.dumps(expected, ensure_ascii=False).encode()
    except ValueError:
        with pytest.raises(RecipeInvalid):
            read_json_nodes(text, "x")
    else:
        assert plain(read_json_nodes(text, "x")) == expected


@given(VALUES, st.sampled_from([None, 2]))
def test_each_value_stands_where_it_is_said_to(value: Any, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    lines = text.split("\n")
    decoder = json.JSONDecoder()

    def check(node: Node) -> None:
        rest = "\n".join([lines[node.line - 1][node.column - 1 :], *lines[node.line :]])
        assert decoder.raw_decode(rest)[0] == plain(node)
        if node.inner == 1:
            assert lines[node.line - 1][node.column :].startswith(node.text)
        for key, item in node.pairs or ():
            check(key)
            check(item)
        for item in node.items or ():
            check(item)

    check(read_json_nodes(text, "x"))


@pytest.mark.parametrize(("opening", "closing"), ["[]", ('{"a":', "}")])
def test_depth(opening: str, closing: str) -> None:
    room = DEEPEST - 1
    read_json_nodes(opening * room + "1" + closing * room, "x")
    with pytest.raises(RecipeInvalid) as raised:
        read_json_nodes(opening * (room + 1) + "1" + closing * (room + 1), "x")
    assert raised.value.problems[0].code == "too-deep"


@pytest.mark.parametrize(
    ("text", "line", "column", "found"),
    [
        ('{"a": 1,\n }', 2, 2, "'}'"),
        ('{"a"\n 1}', 2, 2, "'1'"),
        ('{"a": nope}', 1, 7, "'nope'"),
        ('["a" "b"]', 1, 6, "'\"'"),
        ('{"a": 1', 1, 8, "the end of the text"),
        ("[1] [2]", 1, 5, ""),
        ('["\n"]', 1, 2, ""),
        ("[01]", 1, 3, "'1'"),
        ("[+1]", 1, 2, "'+1'"),
        ("{'a': 1}", 1, 2, '"\'"'),
    ],
)
def test_faults_have_a_place(text: str, line: int, column: int, found: str) -> None:
    with pytest.raises(RecipeInvalid) as raised:
        read_json_nodes(text, "x")
    (problem,) = raised.value.problems
    assert (problem.code, problem.line, problem.column) == ("not-json", line, column)
    assert problem.message.endswith(found)
