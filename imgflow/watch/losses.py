"""Sources that are no more, which is certain only if they do not come back at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from imgflow.watch.workspace import Workspace


class Losses:
    """Sources that are missed, with the number of files made of each."""

    def __init__(self) -> None:
        """Miss none."""
        self._lost: dict[str, tuple[str, int]] = {}

    def note(self, workspace: Workspace, now: Container[str] | None = None) -> None:
        """Take note of what is not among the sources ``now``, or not even there.

        It is no source of the workspace any more.
        """
        for path in list(workspace.known):
            if path not in now if now is not None else not os.path.lexists(path):
                made = workspace.made(path)
                self._lost[path] = workspace.known.pop(path).input, made

    def settle(self, now: Container[str]) -> dict[str, int]:
        """Return those that have not come back, by their names, and miss none any more."""
        lost = dict(lost for path, lost in self._lost.items() if path not in now)
        self._lost.clear()
        return lost
