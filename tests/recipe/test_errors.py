"""What a broken recipe says: exact line, column, code and words of every problem."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from imgflow.errors import RecipeError
from imgflow.recipe import Problem, RecipeInvalid, load_recipe, parse_recipe, render_problems

OUTPUTS = 'outputs: [{path: "out/{stem}.jpg"}]\n'


class Broken(NamedTuple):
    name: str
    text: str
    expected: list[str]


def read_cases() -> list[Broken]:
    """Read ``broken.txt``: recipes under a ``##``, with their problems after ``>>``."""
    text = (Path(__file__).parent / "broken.txt").read_text(encoding="utf-8")
    cases = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        recipe, *problems = re.split(r"^>> ", rest, flags=re.MULTILINE)
        cases.append(Broken(name, recipe, [problem.strip() for problem in problems]))
    return cases


CASES = read_cases()

#: Files that are no text, or hold what a text file should not.
FILES = {
    "nothing": (b"", "1:1 empty-recipe: expected a recipe, found an empty file"),
    "a binary file": (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
        "1:1 binary-file: expected a recipe in YAML, found a binary file",
    ),
    "latin-1": (
        "version: 1\nname: caf\xe9\n".encode("latin-1"),
        "2:10 not-utf-8: expected UTF-8, found the byte 0xe9; save the file as UTF-8",
    ),
    "utf-16": (
        "version: 1\n".encode("utf-16"),
        "1:1 not-utf-8: expected UTF-8, found UTF-16; save the file as UTF-8",
    ),
    "a control character": (
        b"version: 1\nname: a\x07b\n",
        "2:8 control-character: expected text, found the control character U+0007; remove it",
    ),
    "a large file": (
        b"#" * (1 << 20) + b"\n",
        "1:1 too-large: expected a recipe of at most 1 MiB, found a larger file",
    ),
    "a tab": (
        b"version: 1\ninputs:\n\tfrom: photos\n",
        "3:1 tab: expected spaces, found a tab; YAML is indented with spaces",
    ),
    "a tab after spaces": (
        b"version: 1\ninputs:\n  from: photos\n  \tinclude: x\n",
        "4:3 tab: expected spaces, found a tab; YAML is indented with spaces",
    ),
    "a second document": (
        b"version: 1\n---\nversion: 1\n",
        (
            "2:1 several-documents: expected one document, found a second one; "
            "put it into a file of its own"
        ),
    ),
}


def told(problem: Problem) -> str:
    """Return a problem as the table of broken recipes writes it."""
    words = str(problem).removeprefix(f"{problem.file}:{problem.line}:{problem.column}: ")
    return f"{problem.line}:{problem.column} {problem.code}: {words}"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_broken_recipe_names_every_problem_and_its_place(case: Broken) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(case.text, file="recipe.yaml")
    found = [told(problem) for problem in caught.value.problems]
    assert len(found) == len(case.expected), found
    for words, expected in zip(found, case.expected, strict=True):
        start, cut, _ = expected.partition("...")
        assert words.startswith(start) if cut else words == expected
    assert all(problem.file == "recipe.yaml" for problem in caught.value.problems)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))


def test_the_table_is_large() -> None:
    assert len(CASES) + len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_recipe_says_so(name: str) -> None:
    data, expected = FILES[name]
    Path("recipe.yaml").write_bytes(data)
    with pytest.raises(RecipeInvalid) as caught:
        load_recipe("recipe.yaml")
    assert [told(problem) for problem in caught.value.problems] == [expected]


def test_a_folder_is_no_recipe() -> None:
    Path("folder.yaml").mkdir()
    with pytest.raises(RecipeError, match=r"folder\.yaml: expected a recipe file, found a folder"):
        load_recipe("folder.yaml")


def test_a_byte_order_mark_is_no_part_of_the_recipe() -> None:
    text = b"\xef\xbb\xbfversion: 1\noutputs: [{path: '{stem}.jpg'}]\n"
    Path("recipe.yaml").write_bytes(text)
    assert load_recipe("recipe.yaml").name == "recipe"


def test_problems_show_the_line_and_a_caret() -> None:
    text = f"version: 1\nsteps:\n  - {{op: resize, widht: 800}}\n{OUTPUTS}"
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(text, file="r.yaml")
    assert render_problems(caught.value.problems, caught.value.sources) == (
        "r.yaml:3:18: steps[0]: unknown key 'widht' for 'resize'; did you mean 'width'?\n"
        "  3 |   - {op: resize, widht: 800}\n"
        "    |                  ^"
    )


def test_a_caret_stands_under_its_column_in_a_long_line() -> None:
    text = f"version: 1\nvars: {{{' ' * 200}c: [1]}}\n{OUTPUTS}"
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(text, file="r.yaml")
    _, line, caret = render_problems(caught.value.problems, caught.value.sources).split("\n")
    assert len(line) < 130
    assert line[caret.index("^")] == "["


def test_a_line_cannot_send_commands_to_a_terminal() -> None:
    text = f'version: 1\n"a\u200bb": c\n"a\\e[31mb": c\n{OUTPUTS}'
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(text, file="r.yaml")
    shown = render_problems(caught.value.problems, caught.value.sources)
    assert len(caught.value.problems) == 2
    assert all(char.isprintable() for char in shown.replace("\n", ""))


def test_problems_are_plain_data() -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(f"version: 1\nstpes: []\n{OUTPUTS}", file="r.yaml")
    assert msgspec.to_builtins(list(caught.value.problems)) == [
        {
            "code": "unknown-key",
            "message": "unknown key 'stpes' for 'recipe'",
            "file": "r.yaml",
            "line": 2,
            "column": 1,
            "hint": "did you mean 'steps'?",
        }
    ]
    assert caught.value.code == "recipe-invalid"


def test_warnings_do_not_stop_a_recipe() -> None:
    recipe = parse_recipe(
        'version: 1\noutputs: [{path: "out/{stem}.jpg", format: webp}]\n', file="r.yaml"
    )
    expected = (
        "2:18 extension-differs: outputs[0].path: warning: the path ends in .jpg, "
        "but webp is written; end it in .{ext}"
    )
    assert [told(problem) for problem in recipe.warnings] == [expected]
