"""The folders in which changes must be heard of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.watch.scene import is_entered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.recipe.sources import Search
    from imgflow.watch.scene import Scene


def folders_of(scene: Scene) -> dict[str, set[str]]:
    """Return the folders to listen in, by their real paths, and what the scene calls them.

    Only folders that are searched are among them, not those of outputs inside. The folder
    above each root tells when the root goes or comes; of what is not there yet, the nearest
    one above that is.
    """
    found: dict[str, set[str]] = {}
    for root in scene.roots:
        for folder in (_nearest(root), _nearest(os.path.dirname(root))):
            _add(found, os.path.realpath(folder), folder)
    for search in scene.searches:
        real = os.path.realpath(search.folder)
        for relative in _walk(search):
            _add(found, os.path.join(real, relative), os.path.join(search.folder, relative))
    return found


def _add(found: dict[str, set[str]], real: str, name: str) -> None:
    if os.access(real, os.R_OK | os.X_OK):
        found.setdefault(real, set()).add(name)


def _walk(search: Search) -> Iterator[str]:
    """Yield the folders inside one that is searched, as the search itself goes into them."""
    waiting = [""]
    while waiting:
        here = waiting.pop()
        try:
            entries = os.scandir(os.path.join(search.folder, here))
        except OSError:
            continue
        with entries:
            for entry in entries:
                relative = f"{here}/{entry.name}" if here else entry.name
                if entry.is_dir(follow_symlinks=False) and is_entered(search, relative):
                    waiting.append(relative)
                    yield relative


def _nearest(folder: str) -> str:
    """Return a folder, or the first above it that is there."""
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder
