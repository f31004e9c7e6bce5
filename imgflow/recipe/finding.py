"""The sources of a run, one after the other: what is far away is listed as it is asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.recipe.remote import Maybe, plan_remote, walk_remote
from imgflow.recipe.sources import SIDECAR, Found, Search, local_path, plan_search, walk
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.storage import Storage

    Plan = Found | Search | Maybe


def plan_inputs(
    inputs: Iterable[str], include: tuple[str, ...], exclude: tuple[str, ...]
) -> list[Plan]:
    """Return what each input means; raises UsageError for what cannot be one."""
    return [
        plan_remote(text, include, exclude)
        if is_remote(text)
        else plan_search(text, include, exclude)
        for text in inputs
    ]


class Sources:
    """The sources of some inputs, in their order, each once; files beside them are none.

    They can be had again and again: folders far away are listed anew each time, and their
    lists are never in memory.
    """

    def __init__(self, plans: Iterable[Plan], storage: Storage) -> None:
        """Look at nothing yet."""
        self._plans = list(plans)
        self._storage = storage

    @property
    def flowing(self) -> bool:
        """Whether it may be long, and far away."""
        return any(_is_far(plan) and not isinstance(plan, Found) for plan in self._plans)

    @property
    def searching(self) -> bool:
        """Whether any input is more than the name of one file."""
        return any(not isinstance(plan, Found) for plan in self._plans)

    def here(self) -> Iterator[Found]:
        """Yield those of this machine."""
        plans = [plan for plan in self._plans if not _is_far(plan)]
        return iter(Sources(plans, self._storage))

    def covers(self, uri: str) -> bool:
        """Tell whether a place far away is one of the sources, or would be if it were there."""
        return any(_covers(plan, uri) for plan in self._plans if _is_far(plan))

    def __iter__(self) -> Iterator[Found]:
        """Begin with the first."""
        seen: set[str] = set()
        searched: list[Plan] = []
        for plan in self._plans:
            far = _is_far(plan)
            for source in self._walk(plan):
                place = source.path if far else os.path.normpath(local_path(source.path))
                if (
                    source.path.endswith(SIDECAR)
                    or place in seen
                    or (far and any(_covers(old, place) for old in searched))
                ):
                    continue
                if not far or isinstance(plan, Found):
                    seen.add(place)
                yield source
            if far and not isinstance(plan, Found):
                searched.append(plan)

    def _walk(self, plan: Plan) -> Iterable[Found]:
        if isinstance(plan, Found):
            return (plan,)
        if isinstance(plan, Maybe) or is_remote(plan.folder):
            return walk_remote(plan, self._storage)
        return sorted(walk(plan))


def _is_far(plan: Plan) -> bool:
    if isinstance(plan, Maybe):
        return True
    return is_remote(plan.path if isinstance(plan, Found) else plan.folder)


def _covers(plan: Plan, uri: str) -> bool:
    if isinstance(plan, Found):
        return plan.path == uri
    if isinstance(plan, Maybe):
        return _covers(plan.found, uri) or _covers(plan.search, uri)
    return uri.startswith(plan.folder) and plan.takes(uri[len(plan.folder) :])
