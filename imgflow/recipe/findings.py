"""The problems found so far, each at its place."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Literal

from imgflow.recipe.places import path_text, place_of
from imgflow.recipe.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgflow.recipe.places import Keys, Place


#: How many known words are worth listing.
_MOST_WORDS = 20


@dataclasses.dataclass(frozen=True)
class Findings:
    """Collects problems of the values that ``places`` knows, each once.

    ``faulty`` remembers which values have errors, so that later checks may leave them out.
    """

    places: Mapping[Keys, Place]
    problems: list[Problem] = dataclasses.field(default_factory=list)
    faulty: list[tuple[str, Keys]] = dataclasses.field(default_factory=list)

    def at(self, places: Mapping[Keys, Place]) -> Findings:
        """Return a collector for other places that adds to the same problems."""
        return dataclasses.replace(self, places=places)

    def report(  # noqa: PLR0913
        self,
        code: str,
        keys: Keys,
        message: str,
        *,
        hint: str = "",
        shown: Keys | None = None,
        key: bool = False,
        offset: int | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Add a problem of the value at ``keys``.

        It points at the value, or at its ``key``, or at an ``offset`` into its text.
        ``shown`` is the path to show, if another one.
        """
        place = place_of(self.places, keys)
        line, column = place.line, place.column
        if key and place.key_line:
            line, column = place.key_line, place.key_column
        elif offset is not None and place.inner >= 0:
            column += place.inner + offset
        problem = Problem(
            code=code,
            message=message,
            file=place.file,
            line=line,
            column=column,
            path=path_text(keys if shown is None else shown),
            severity=severity,
            hint=hint,
        )
        if severity == "error":
            self.faulty.append((place.file, keys))
        self.add(problem)

    def add(self, problem: Problem) -> None:
        """Add a problem that knows its place."""
        if not any(_same(problem, other) for other in self.problems):
            self.problems.append(problem)

    def clean(self, keys: Keys) -> bool:
        """Tell whether a value and all that it holds are without errors so far."""
        file = place_of(self.places, keys).file
        return not any(
            where == file and faulty[: len(keys)] == keys for where, faulty in self.faulty
        )

    def sound(self, keys: Keys) -> bool:
        """Tell whether a mapping and its own keys are without errors so far."""
        file = place_of(self.places, keys).file
        return not any(
            where == file and faulty[: len(keys)] == keys and len(faulty) <= len(keys) + 1
            for where, faulty in self.faulty
        )

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep the recipe from running."""
        return [problem for problem in self.problems if problem.severity == "error"]


def _same(one: Problem, two: Problem) -> bool:
    """Tell whether two problems are one: an anchored text is wrong wherever it is used."""
    placed = (one.code, one.message, one.file, one.line, one.column)
    return placed == (two.code, two.message, two.file, two.line, two.column) and (
        one.line > 0 or one.path == two.path
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known word, else the words, if few."""
    words = list(known)
    near = difflib.get_close_matches(word, words, 1, 0.6)
    lower = {known_word.lower(): known_word for known_word in words}
    if not near and (again := difflib.get_close_matches(word.lower(), lower, 1, 0.6)):
        near = [lower[again[0]]]
    if near:
        return f"did you mean '{near[0]}'?"
    return f"one of {', '.join(words)}" if 0 < len(words) <= _MOST_WORDS else ""
