"""What a change among files means: to load the recipe again, to make a picture, or nothing."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Literal

from imgflow.recipe.sources import SIDECAR

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from imgflow.watch.scene import Scene

#: What there is now at a path that was heard of.
Kind = Literal["file", "folder", "none"]
#: What a path means:
#:
#: - ``recipe``: a file that the recipe is made of, or that all pictures depend on.
#: - ``edited``: a source that was known already.
#: - ``arrived``: a new source, or what belongs to one.
#: - ``gone``: a file that is missed; editors remove files for a moment, so that can wait.
#: - ``moved``: a folder came, went or was replaced: other folders must be watched.
Sense = Literal["recipe", "edited", "arrived", "gone", "moved"]


def read_changes(
    changes: Mapping[str, Kind], scene: Scene, watched: Collection[str] = ()
) -> dict[Sense, set[str]]:
    """Return the paths that mean something, by what they mean.

    All else is left out: outputs, the state, temporary files, backups of editors. ``watched``
    are the folders that the changes were heard in.
    """
    found: dict[Sense, set[str]] = {}
    for path, kind in changes.items():
        if sense := _sense(path, kind, scene, watched):
            found.setdefault(sense, set()).add(path)
    return found


def kind_of(path: str) -> Kind:
    """Return what there is at a path."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return "none"
    return "folder" if stat.S_ISDIR(mode) else "file"


def _sense(path: str, kind: Kind, scene: Scene, watched: Collection[str]) -> Sense | None:
    if path in watched or (kind == "folder" and scene.enters(path)):
        return "moved"
    if scene.is_part(path):
        return "gone" if kind == "none" else "recipe"
    source = path.removesuffix(SIDECAR)
    if kind == "folder" or not scene.takes(source):
        return None
    if kind == "none":
        return "gone" if path in scene.sources or path != source else None
    return "edited" if path in scene.sources else "arrived"
