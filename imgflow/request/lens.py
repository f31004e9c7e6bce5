"""Where the parts of a recipe stand in a request, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from imgflow.recipe.library import path_name
from imgflow.recipe.places import Keys, Place, path_text, place_of
from imgflow.request.body import BODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgflow.recipe.problems import Problem

#: Places of values that do not come from a file -> the key of the request that gave them.
_OPTIONS = {"--set": "", "--out": "out"}


class Lens(NamedTuple):
    """Pairs of a way into the request and the way into the recipe that it stands for.

    The first pair that fits counts. Without pairs the recipe is none of the request's text.
    """

    pairs: tuple[tuple[Keys, Keys], ...]

    def places(self, places: Mapping[Keys, Place]) -> dict[Keys, Place]:
        """Return the places of a recipe's values from those of a request."""
        return dict(self._places(places))

    def to_request(self, keys: Keys) -> Keys:
        """Return the way into the request for one into the recipe."""
        for ours, theirs in self.pairs:
            if keys[: len(theirs)] == theirs:
                return (*ours, *keys[len(theirs) :])
        return ("recipe",)

    def _places(self, places: Mapping[Keys, Place]) -> Iterator[tuple[Keys, Place]]:
        for keys, place in places.items():
            for ours, theirs in self.pairs:
                if keys[: len(ours)] == ours:
                    yield (*theirs, *keys[len(ours) :]), place
                    break


#: A request with operations and one output, or several.
ONE_OUTPUT = Lens(
    (
        (("operations",), ("steps",)),
        (("output",), ("outputs", 0, "path")),
        (("output",), ("outputs", 0)),
        (("output",), ("outputs",)),
        (("defaults",), ("defaults",)),
        (("orient",), ("orient",)),
        ((), ()),
    )
)
SEVERAL_OUTPUTS = Lens(
    (
        (("operations",), ("steps",)),
        (("outputs",), ("outputs",)),
        (("defaults",), ("defaults",)),
        (("orient",), ("orient",)),
        ((), ()),
    )
)
INLINE = Lens(((("recipe",), ()),))
NAMED = Lens(())


def lens_of(data: Mapping[str, Any]) -> Lens:
    """Return how a request tells what to do."""
    if "recipe" in data:
        return NAMED if isinstance(data["recipe"], str) else INLINE
    return SEVERAL_OUTPUTS if "outputs" in data else ONE_OUTPUT


def relabel(
    problem: Problem, lens: Lens, places: Mapping[Keys, Place], prefix: str = ""
) -> Problem:
    """Return a problem of a recipe as one of the request that it came with.

    ``prefix`` leads to the request in the body: ``[3]``.
    """
    if problem.file in _OPTIONS:
        name = problem.path.removeprefix("vars.")
        keys: Keys = (_OPTIONS[problem.file],) if _OPTIONS[problem.file] else ("vars", name)
        place = place_of(places, keys)
        return msgspec.structs.replace(
            problem,
            file=BODY,
            line=place.line,
            column=place.column,
            path=_joined(prefix, ".".join(map(str, keys))),
        )
    if problem.file != BODY:
        return msgspec.structs.replace(problem, file=path_name(problem.file))
    return msgspec.structs.replace(problem, path=_joined(prefix, _renamed(problem.path, lens)))


def _renamed(path: str, lens: Lens) -> str:
    """Return the path of a value of the recipe as that of the request."""
    for ours, theirs in lens.pairs:
        old, new = path_text(theirs), path_text(ours)
        if not old:
            return _joined(new, path)
        if path == old or path.startswith((f"{old}.", f"{old}[")):
            return new + path[len(old) :]
    return path


def _joined(prefix: str, path: str) -> str:
    """Put a prefix before a path."""
    if not prefix or not path:
        return prefix or path
    return f"{prefix}{path}" if path.startswith("[") else f"{prefix}.{path}"
