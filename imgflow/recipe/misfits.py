"""What does not fit of overrides and sidecars, told where it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from imgflow.recipe.places import path_text
from imgflow.recipe.schema import name_takers, option_names
from imgflow.rules import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.overrides import Said
    from imgflow.recipe.places import Keys
    from imgflow.recipe.problems import Problem
    from imgflow.recipe.recipe import Recipe

    _Spot = tuple[str, int, int]

_IDLE = {
    "widths": ("no output has several widths", "remove it"),
    "format": ("no output may have another format", "put {ext} into the path of one"),
    "formats": ("no output may have another format", "put {ext} into the path of one"),
}


def report_misfits(
    recipe: Recipe, problems: Iterable[Problem], said: Sequence[Said], findings: Findings
) -> None:
    """Report what is wrong with a tailored recipe and not with the recipe itself.

    A problem of a value that was ``said`` has its path there; any other is one of the last
    that said something.
    """
    spots = {spot: keys for one in said for spot, keys in _spots(one)}
    known = {_identity(problem) for problem in recipe.warnings}
    last = said[-1]
    for problem in problems:
        if _identity(problem) in known:
            continue
        keys = spots.get((problem.file, problem.line, problem.column))
        place = last.layer.places[()]
        file, line, column = place.file, place.line, place.column
        if keys is not None:
            file, line, column = problem.file, problem.line, problem.column
        path = path_text(last.keys if keys is None else keys)
        moved = msgspec.structs.replace(problem, file=file, line=line, column=column, path=path)
        findings.add(moved)


def report_idle(
    said: Sequence[Said], idle: set[str], names: Sequence[str], findings: Findings
) -> None:
    """Report what no output has a use for, by its keys; a sidecar is for other recipes too."""
    for one in said:
        at = findings.at({(*one.keys, *keys): place for keys, place in one.layer.places.items()})
        severity: Literal["error", "warning"] = "error" if one.keys else "warning"
        for key in (key for key in one.layer.data if key in idle):
            if key in option_names():
                written = listed(tuple(dict.fromkeys(names)), "and")
                code, message = "option-of-other-format", f"'{key}' is no option of {written}"
                hint = name_takers(key)
            elif key in _IDLE:
                code, (message, hint) = "idle-key", _IDLE[key]
            else:
                continue
            at.report(code, (*one.keys, key), message, hint=hint, key=True, severity=severity)


def _spots(one: Said) -> Iterator[tuple[_Spot, Keys]]:
    for keys, place in one.layer.places.items():
        if keys:
            yield (place.file, place.line, place.column), (*one.keys, *keys)
            yield (place.file, place.key_line, place.key_column), (*one.keys, *keys)


def _identity(problem: Problem) -> tuple[str, str, _Spot]:
    return problem.code, problem.message, (problem.file, problem.line, problem.column)
