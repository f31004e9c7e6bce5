"""The folder that all paths of a ledger are relative to, so that both can be carried away."""

from __future__ import annotations

import os
import posixpath

from imgflow.uris import scheme_of

#: Last parts of paths that are no names.
_FOLDERS = {"", ".", ".."}


class Home:
    """A folder; knows paths below and beside it by names that do not depend on where it is.

    May be used by several threads: two that ask at once find the same.
    """

    def __init__(self, folder: str) -> None:
        """Take a folder, that of the recipe say; the working directory is what it is now."""
        self.folder = os.path.abspath(folder)
        self._names: dict[str, str] = {}
        self._shown: dict[tuple[str, bool], str] = {}

    def name(self, path: str) -> str:
        """Return what the ledger calls a file; a URI is its own name."""
        if scheme_of(path):
            return path
        head, slash, tail = path.rpartition("/")
        if tail in _FOLDERS:
            return self._relative(path)
        known = self._names.get(head + slash)
        if known is None:
            known = self._names[head + slash] = _start(self._relative(head + slash))
        return known + tail

    def path(self, name: str, *, absolute: bool = True) -> str:
        """Return the path of a file, absolute or from the working directory."""
        if scheme_of(name):
            return name
        head, slash, tail = name.rpartition("/")
        known = self._shown.get((head + slash, absolute))
        if known is None:
            folder = posixpath.normpath(posixpath.join(self.folder, head + slash))
            known = _start(folder if absolute else os.path.relpath(folder))
            self._shown[head + slash, absolute] = known
        return known + tail

    def _relative(self, path: str) -> str:
        return os.path.relpath(os.path.abspath(path), self.folder)


def _start(folder: str) -> str:
    """Return what the paths of files in a folder begin with."""
    if folder == ".":
        return ""
    return folder if folder.endswith("/") else f"{folder}/"
