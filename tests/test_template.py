from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.template import FIELDS, TemplateError, parse_template, stays_inside

VALUES = {
    "dir": "a/b",
    "ext": "jpg",
    "hash": "0123456789abcdef" * 4,
    "stem": "photo",
    "width": "480",
}


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("out/{dir}/{stem}-{width}w.{ext}", "out/a/b/photo-480w.jpg"),
        ("{stem}.{hash:8}.{ext}", "photo.01234567.jpg"),
        ("{hash}", "0123456789abcdef"),
        ("{hash:64}", "0123456789abcdef" * 4),
        ("{{{stem}}}", "{photo}"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_fields_are_filled_in(template: str, path: str) -> None:
    assert parse_template(template).render(VALUES) == path


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("out/{dir}/{stem}", "out/photo"),
        ("{dir}/{stem}", "photo"),
        ("/{dir}/{stem}", "/photo"),
        ("s3://bucket/{dir}/{stem}", "s3://bucket/photo"),
    ],
)
def test_an_empty_folder_vanishes(template: str, path: str) -> None:
    assert parse_template(template).render({**VALUES, "dir": ""}) == path


@pytest.mark.parametrize(
    ("template", "at"),
    [
        ("a{", 1),
        ("a}", 1),
        ("{stem", 0),
        ("{hash:3}", 0),
        ("ab{hash:65}", 2),
        ("{hash:}", 0),
        ("{hash:x}", 0),
        ("{stem:4}", 0),
    ],
)
def test_a_fault_has_its_place(template: str, at: int) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(template)
    assert caught.value.at == at
    assert caught.value.code == "bad-template"


def test_fields_know_their_place() -> None:
    template = parse_template("{a}/{hash:12}")
    assert template.fields == {"a", "hash"}
    assert template.parts == (("a", 0, 0), "/", ("hash", 12, 4))


@pytest.mark.parametrize(
    ("template", "root"),
    [
        ("{stem}", ""),
        ("a/{stem}", "a"),
        ("a/b-{stem}", "a"),
        ("a/{{b}}/{stem}", "a/{b}"),
        ("/{stem}", "/"),
        ("/a/b.jpg", "/a"),
        ("a.jpg", ""),
    ],
)
def test_the_root_ends_before_the_first_field(template: str, root: str) -> None:
    assert parse_template(template).root == root


def test_some_fields_can_be_filled_in_for_good() -> None:
    template = parse_template("{out}/{{x}}/{stem}.{hash:8}").fill({"out": "a {b}"})
    assert template.text == "a {{b}}/{{x}}/{stem}.{hash:8}"
    assert template.render(VALUES) == "a {b}/{x}/photo.01234567"
    assert template.inside("o{o").text == "o{{o/a {{b}}/{{x}}/{stem}.{hash:8}"


NAMES = st.sampled_from(sorted(FIELDS))
LITERAL = st.text(st.characters(exclude_characters="{}/\0"), max_size=8)


@given(st.lists(st.tuples(LITERAL, NAMES)), st.dictionaries(NAMES, LITERAL))
def test_filling_in_two_turns_is_filling_in_one(
    parts: list[tuple[str, str]], first: dict[str, str]
) -> None:
    template = parse_template("".join(f"{text}{{{name}}}" for text, name in parts))
    rest = dict.fromkeys(FIELDS, "value")
    assert template.fill(first).render(rest) == template.render({**rest, **first})


@given(st.text(max_size=20))
def test_any_text_can_be_written_with_doubled_braces(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert parse_template(doubled).fields == frozenset()
    parts = parse_template(doubled).parts
    assert "".join(part for part in parts if isinstance(part, str)) == text


@pytest.mark.parametrize(
    ("path", "root", "inside"),
    [
        ("a/b.jpg", "a", True),
        ("a/../b.jpg", "a", False),
        ("a/x/../b.jpg", "a", True),
        ("ab/c.jpg", "a", False),
        ("a", "a", True),
        ("b.jpg", "", True),
        ("../b.jpg", "", False),
        ("..", "", False),
        ("/etc/b.jpg", "", False),
        ("/srv/a/b.jpg", "/srv/a", True),
        ("/srv/b.jpg", "/srv/a", False),
        ("/b.jpg", "/", True),
        ("../out/b.jpg", "../out", True),
        ("../out/../b.jpg", "../out", False),
        ("s3://bucket/a/b.jpg", "s3://bucket/a", True),
        ("s3://bucket/../other/b.jpg", "s3://bucket", False),
        ("a/b\0.jpg", "a", False),
    ],
)
def test_a_path_stays_below_its_root(path: str, root: str, inside: bool) -> None:
    assert stays_inside(path, root) is inside
