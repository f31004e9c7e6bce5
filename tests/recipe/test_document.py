from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.recipe import RecipeInvalid
from imgflow.recipe.document import MOST_VALUES, read_document
from imgflow.recipe.nodes import DEEPEST


def data(text: str) -> Any:
    document = read_document(text, "r.yaml")
    assert document.findings.problems == []
    return document.data


def at(text: str, *keys: str | int) -> tuple[int, int]:
    place = read_document(text, "r.yaml").places[keys]
    return place.line, place.column


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRue", "tRue"),
        ("~", None),
        ("null", None),
        ("", None),
        ("nil", "nil"),
        ("1:30", "1:30"),
        ("16:9", "16:9"),
        ("2024-01-02", "2024-01-02"),
        ("12", 12),
        ("-12", -12),
        ("+12", 12),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5),
        ("1.0", 1),
        ("1e3", 1000),
        ("1.5e-3", 0.0015),
        ("1.2.3", "1.2.3"),
        ("0.1.", "0.1."),
        ("=", "="),
        ("'12'", "12"),
        ('"no"', "no"),
        ("!!str 12", "12"),
        ("!!float 12", 12),
        ("! 12", "12"),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    found = data(f"a: {written}\n")["a"]
    assert found == value
    assert type(found) is type(value)


@given(st.one_of(st.integers(-(10**15) + 1, 10**15 - 1), st.booleans(), st.none()))
def test_json_scalars_mean_the_same(value: object) -> None:
    assert data(f"a: {json.dumps(value)}\n")["a"] == value


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"])))
def test_quoted_text_is_kept(text: str) -> None:
    assert data(f"a: {json.dumps(text, ensure_ascii=False)}\n")["a"] == text


def test_places_are_those_of_values_behind_anchors_and_tags() -> None:
    text = "a: &x !!str   hello\nb: *x\nc: &m\n  d: [1,  2]\n"
    assert at(text, "a") == (1, 15)
    assert at(text, "b") == (1, 15)
    assert at(text, "c") == (4, 3)
    assert at(text, "c", "d", 1) == (4, 11)


def test_columns_count_characters_and_not_bytes() -> None:
    assert at('"é€😀": x\n', "é€😀") == (1, 8)


def test_a_scalar_tells_where_its_text_begins() -> None:
    places = read_document("a: xy\nb: 'xy'\nc: \"x\\ty\"\nd: >\n  xy\n", "r.yaml").places
    assert [places[key,].inner for key in "abcd"] == [0, 1, -1, -1]


def test_merge_keys() -> None:
    text = (
        "a: &a {x: 1, y: 1}\n"
        "b: &b {y: 2, z: 2}\n"
        "one: {<<: *a, x: 3}\n"
        "two: {<<: [*a, *b], w: 4}\n"
        "three: {x: 5, <<: {x: 6, v: 6}}\n"
        'text: {"<<": 7}\n'
    )
    found = data(text)
    assert found["one"] == {"x": 3, "y": 1}
    assert found["two"] == {"x": 1, "y": 1, "z": 2, "w": 4}
    assert found["three"] == {"x": 5, "v": 6}
    assert found["text"] == {"<<": 7}
    assert at(text, "two", "y") == (1, 17)
    assert at(text, "two", "z") == (2, 17)


def test_a_merged_mapping_may_merge_another() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n"
    assert data(text)["c"] == {"x": 1, "y": 2}


@pytest.mark.parametrize("line", ["\r\n", "\r"])
def test_all_ends_of_lines_count(line: str) -> None:
    assert at(f"a: 1{line}b: 2{line}", "b") == (2, 4)


def test_depth_has_a_bound() -> None:
    deep = DEEPEST - 1
    assert data(f"a: {'[' * deep}{']' * deep}\n")
    with pytest.raises(RecipeInvalid, match="levels of nesting"):
        data(f"a: {'[' * (deep + 1)}{']' * (deep + 1)}\n")


def test_an_absurd_depth_costs_nothing() -> None:
    with pytest.raises(RecipeInvalid, match="levels of nesting"):
        data("a: " + "[" * 500_000)


def test_the_number_of_values_has_a_bound() -> None:
    fits = MOST_VALUES - 2
    assert len(data(f"a: [{'1,' * fits}]")["a"]) == fits
    with pytest.raises(RecipeInvalid, match="values, found more"):
        data(f"a: [{'1,' * (fits + 1)}]")


def lines_of_problems(text: str) -> list[int]:
    try:
        return [problem.line for problem in read_document(text, "r.yaml").findings.problems]
    except RecipeInvalid as error:
        return [problem.line for problem in error.problems]


YAMLISH = st.text(st.sampled_from(list("ab:- \n[]{},&*!<#'\"|>%@?~\t1.")), max_size=40)


@given(st.one_of(st.text(max_size=60), YAMLISH))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    lines = len(re.split("\r\n|[\r\n\x85\u2028\u2029]", text))
    assert all(1 <= line <= lines + 1 for line in lines_of_problems(text))
