"""How much one request may hold, so that checking it stays cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.recipe.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys

#: Most steps, outputs, widths or formats in one list.
MOST_ITEMS = 64
#: Most steps of one job, those of all outputs together.
MOST_STEPS = 256
#: Most files that one job may make.
MOST_FILES = 200
#: Most problems that are told of one request.
MOST_PROBLEMS = 50


class EnoughProblems(Exception):  # noqa: N818
    """There are more problems than anybody wants to hear of."""


class BoundedProblems(list[Problem]):
    """A list of problems that stops the search when there are ``most`` in it."""

    def __init__(self, problems: Iterable[Problem] = (), *, most: int = MOST_PROBLEMS) -> None:
        """Begin with some problems."""
        super().__init__(problems)
        self._most = most

    def append(self, problem: Problem, /) -> None:
        """Add a problem; raises EnoughProblems when there are enough."""
        super().append(problem)
        if len(self) >= self._most:
            raise EnoughProblems


def check_lists(value: Any, keys: Keys, findings: Findings) -> None:  # noqa: ANN401
    """Report the lists that are too long."""
    if isinstance(value, list):
        if len(value) > MOST_ITEMS:
            message = f"expected at most {MOST_ITEMS} items, found {len(value)}"
            findings.report("too-many", keys, message)
            return
        for at, item in enumerate(value):
            check_lists(item, (*keys, at), findings)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_lists(item, (*keys, key), findings)


def check_steps(recipe: dict[str, Any], findings: Findings) -> None:
    """Report that there are too many steps, of all outputs together."""
    outputs = recipe.get("outputs")
    parts = outputs if isinstance(outputs, list) else []
    chains = [part.get("steps") for part in parts if isinstance(part, dict)]
    count = sum(len(chain) for chain in chains if isinstance(chain, list))
    if count > MOST_STEPS:
        message = f"expected at most {MOST_STEPS} steps in all outputs together, found {count}"
        findings.report("too-many", ("outputs",), message)


def check_files(outputs: list[Any], findings: Findings) -> None:
    """Report outputs that would make too many files, all widths and formats taken together."""
    count = sum(
        len(output.get("widths") or [0]) * len(output.get("formats") or [0])
        for output in outputs
        if isinstance(output, dict)
    )
    if count > MOST_FILES:
        message = f"expected at most {MOST_FILES} files from one image, found {count}"
        findings.report("too-many", ("outputs",), message)
