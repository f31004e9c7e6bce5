"""Annotations of GitHub Actions, read as its runner reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from findings import NASTY, checked, finding
from hypothesis import given

from imgflow.check import Checkout
from imgflow.check.github import workflow_commands

COMMAND = re.compile(r"::(error|warning) ([^:]*)::(.*)", re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.chdir(tmp_path)
    return Checkout(str(tmp_path))


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command: level, properties, text."""
    match = COMMAND.fullmatch(line)
    assert match is not None, line
    pairs = (part.split("=", 1) for part in match[2].split(","))
    return match[1], {name: unescaped(value) for name, value in pairs}, unescaped(match[3])


def unescaped(text: str) -> str:
    for code, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_an_annotation(checkout: Checkout) -> None:
    (line,) = workflow_commands(checked(finding("stale", hint="run: it")), checkout)
    assert line == (
        "::error file=photos/cup.jpg,title=imgflow%3A not up to date::"
        "photos/cup.jpg: expected better, found stale; run: it"
    )


def test_names_and_messages_are_escaped(checkout: Checkout) -> None:
    odd = finding("budget", source="a,b:c%2C.jpg", message="100%\r\n::error::no")
    (line,) = workflow_commands(checked(odd), checkout)
    level, properties, text = read(line)
    assert "\n" not in line
    assert level == "error"
    assert properties == {"file": "a,b:c%2C.jpg", "title": "imgflow: over budget"}
    assert text == "100%\r\n::error::no"


@given(NASTY)
def test_no_text_ends_a_command_early(text: str) -> None:
    found = checked(finding("stale", source=f"x{text}", message=text), recipe="r.yaml")
    (line,) = workflow_commands(found, Checkout("/nowhere"))
    assert not set("\r\n") & set(line)
    assert read(line) == ("error", {"title": "imgflow: not up to date"}, text)


def test_what_is_about_no_file_is_about_the_recipe(checkout: Checkout) -> None:
    (line,) = workflow_commands(checked(finding("budget", source="")), checkout)
    assert read(line)[1]["file"] == "recipe.yaml"


def test_what_is_not_in_the_repository_has_no_file(checkout: Checkout) -> None:
    (line,) = workflow_commands(checked(finding("failed", source="s3://b/a.jpg")), checkout)
    assert read(line)[1] == {"title": "imgflow: image cannot be processed"}


def test_warnings(checkout: Checkout) -> None:
    (line,) = workflow_commands(checked(finding("orphan")), checkout)
    assert read(line)[0] == "warning"


@pytest.mark.parametrize(("count", "said"), [(10, ""), (11, "2 more findings"), (99, "90 more")])
def test_ten_of_each_level_are_all_that_is_shown(count: int, said: str, checkout: Checkout) -> None:
    stale = [finding("stale", source=f"photos/{number}.jpg") for number in range(count)]
    orphans = [finding("orphan", path=f"dist/{number}.jpg") for number in range(count)]
    lines = workflow_commands(checked(*stale, *orphans), checkout)
    assert [read(line)[0] for line in lines] == ["error"] * 10 + ["warning"] * 10
    assert read(lines[0])[1]["file"] == "photos/0.jpg"
    assert said in read(lines[9])[2]
    assert said in read(lines[19])[2]
