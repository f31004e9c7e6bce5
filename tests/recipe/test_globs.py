from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.recipe.globs import compile_glob, compile_patterns, is_glob, split_glob


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.jpg", "a.jpg", True),
        ("*.jpg", "A.JPG", True),
        ("*.jpg", "a/b.jpg", False),
        ("**/*.jpg", "b.jpg", True),
        ("**/*.jpg", "a/b/c.jpg", True),
        ("a/**", "a/b/c.jpg", True),
        ("a/**", "ab/c.jpg", False),
        ("a/**/z.jpg", "a/z.jpg", True),
        ("a/**/z.jpg", "a/b/c/z.jpg", True),
        ("**", "a/b.jpg", True),
        ("*.{jpg,png}", "x.png", True),
        ("*.{jpg,png}", "x.gif", False),
        ("{a,b/{c,d}}.jpg", "b/d.jpg", True),
        ("img?.jpg", "img1.jpg", True),
        ("img?.jpg", "img10.jpg", False),
        ("img?.jpg", "img/.jpg", False),
        ("[a-c].jpg", "b.jpg", True),
        ("[!a-c].jpg", "b.jpg", False),
        ("[!a-c].jpg", "d.jpg", True),
        ("[]].jpg", "].jpg", True),
        ("[x.jpg", "[x.jpg", True),
        ("a{b.jpg", "a{b.jpg", True),
        ("a,b.jpg", "a,b.jpg", True),
        ("a+(1).jpg", "a+(1).jpg", True),
        ("./a/*.jpg", "a/b.jpg", True),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert (compile_glob(pattern).fullmatch(path) is not None) is matches


def test_a_pattern_without_a_slash_is_for_names_anywhere() -> None:
    both = compile_patterns(("*.jpg", "raw", "a/b.png"))
    found = [path for path in ("x/y.jpg", "x/raw", "a/b.png", "x/a/b.png") if both.fullmatch(path)]
    assert found == ["x/y.jpg", "x/raw", "a/b.png"]


def test_no_pattern_matches_nothing() -> None:
    assert not compile_patterns(()).fullmatch("")
    assert not compile_patterns(()).fullmatch("a")


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("photos/**/*.jpg", ("photos/", "**/*.jpg")),
        ("*.jpg", ("", "*.jpg")),
        ("/srv/a*/b.jpg", ("/srv/", "a*/b.jpg")),
        ("a/b/{c,d}", ("a/b/", "{c,d}")),
    ],
)
def test_the_folder_of_a_glob_ends_where_matching_begins(
    pattern: str, parts: tuple[str, str]
) -> None:
    assert split_glob(pattern) == parts
    assert is_glob(pattern)


@given(st.text(min_size=1, max_size=20))
def test_any_text_is_a_pattern(text: str) -> None:
    compile_glob(text).fullmatch(text)


@given(st.text(st.characters(exclude_characters="*?[{}/,!\0"), min_size=1, max_size=20))
def test_text_without_magic_matches_itself(text: str) -> None:
    found = compile_glob(text).fullmatch(text.removeprefix("./"))
    assert found is not None or re.search("[A-Za-z]", text.lower()) is not None
