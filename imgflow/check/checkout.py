"""The folder of a repository, which services name files from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from imgflow.uris import scheme_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What services call the folder that the repository is in: GitHub, GitLab.
_VARIABLES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


class Checkout(NamedTuple):
    """The folder that a repository is checked out in, by its absolute path."""

    root: str

    def name(self, path: str) -> str:
        """Return what the repository calls a file, "" if it is far away or outside of it."""
        if not path or scheme_of(path):
            return ""
        name = os.path.relpath(os.path.abspath(path), self.root)
        return "" if name == ".." or name.startswith(f"..{os.sep}") else name

    def uri(self, path: str) -> str:
        """Return a file as a URI: relative to the folder, or absolute if it is outside of it."""
        name = self.name(path)
        if name or not path:
            return quote(os.fsencode(name))
        if scheme_of(path):
            return quote(path, safe=":/?#[]@!$&'()*+,;=%")
        return f"file://{quote(os.fsencode(os.path.abspath(path)))}"


def find_checkout(environment: Mapping[str, str]) -> Checkout:
    """Return the folder that a service names, or else the working directory."""
    here = os.path.abspath(".")
    for variable in _VARIABLES:
        root = environment.get(variable, "")
        if root and Checkout(os.path.abspath(root)).name(here):
            return Checkout(os.path.abspath(root))
    return Checkout(here)
