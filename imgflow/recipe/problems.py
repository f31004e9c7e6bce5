"""Problems of a recipe: where, what was expected, what was found, what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from imgflow.errors import RecipeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What ends a line for the YAML parser.
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
#: Columns of source text that are shown around a problem.
_WINDOW = 110


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, or doubtful, in a recipe.

    ``code`` is stable. ``line`` and ``column`` count from 1; 0 means that the problem has
    no place in a file, and ``file`` then says what it is about (``--set``, a folder).
    ``path`` leads to the value, ``steps[0].width`` say. ``hint`` says what to do.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    severity: Literal["error", "warning"] = "error"
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem as one line of text."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        if self.severity == "warning":
            text = f"warning: {text}"
        return printable(": ".join(part for part in (where, self.path, text) if part))


class RecipeInvalid(RecipeError):  # noqa: N818
    """A recipe with problems, all of them, in the order of the text.

    ``sources`` maps the names of the files involved to their text.
    """

    default_code = "recipe-invalid"

    def __init__(self, problems: Iterable[Problem], sources: Mapping[str, str]) -> None:
        """Keep the problems, those of the first file first."""
        order = {file: index for index, file in enumerate(sources)}
        self.problems = tuple(sorted(problems, key=lambda problem: _rank(problem, order)))
        self.sources = dict(sources)
        super().__init__("\n".join(map(str, self.problems)))


def render_problems(problems: Iterable[Problem], sources: Mapping[str, str]) -> str:
    """Return problems as text, each with its line of source and a caret below the place."""
    return "\n".join(_render(problem, sources.get(problem.file, "")) for problem in problems)


def printable(text: str) -> str:
    """Return a text that cannot do anything to a terminal; tabs stay."""
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{MIDDLE DOT}" for char in text
    )


def split_lines(text: str) -> list[str]:
    """Return the lines of a text as the YAML parser counts them."""
    return _LINE_END.split(text)


def _render(problem: Problem, source: str) -> str:
    lines = split_lines(source)
    if not 0 < problem.line <= len(lines):
        return str(problem)
    at = problem.column - 1
    start = max(0, at - _WINDOW // 2) if at > _WINDOW - 10 else 0
    line = lines[problem.line - 1][start : start + _WINDOW]
    shown = printable(line)
    blank = "".join("\t" if char == "\t" else " " for char in shown[: at - start])
    number = str(problem.line)
    return f"{problem}\n  {number} | {shown}\n  {' ' * len(number)} | {blank}^"


def _rank(problem: Problem, order: Mapping[str, int]) -> tuple[int, int, int, str]:
    file = order.get(problem.file, -1)
    return file, problem.line, problem.column, problem.message
