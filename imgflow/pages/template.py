"""A page: a template of a package, its style sheet and script put inside."""

from __future__ import annotations

import string
from importlib.resources import files
from typing import Any

_HOME = "imgflow.pages"


def fill_page(name: str, home: str = _HOME, **parts: Any) -> str:  # noqa: ANN401
    """Return the page of a template ``NAME.html`` of a package; ``parts`` are HTML already.

    ``style`` is that of all pages, ``script`` is ``NAME.js``, unless parts are named so.
    """
    script = files(home).joinpath(f"{name}.js")
    usual = {
        "style": read_part("style.css"),
        "script": script.read_text(encoding="utf-8") if script.is_file() else "",
    }
    return string.Template(read_part(f"{name}.html", home)).substitute(usual | parts)


def fill_part(name: str, **parts: Any) -> str:  # noqa: ANN401
    """Return a piece of a page, such as ``stage.html``; ``parts`` are HTML already."""
    return string.Template(read_part(name)).substitute(parts)


def read_part(name: str, home: str = _HOME) -> str:
    """Return a style sheet, a script or a template as it is."""
    return files(home).joinpath(name).read_text(encoding="utf-8")
