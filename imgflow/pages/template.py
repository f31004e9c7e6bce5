"""A page: a template beside this module, its style sheet and script put inside."""

from __future__ import annotations

import string
from importlib.resources import files
from typing import Any


def fill_page(name: str, **parts: Any) -> str:  # noqa: ANN401
    """Return the page of a template ``NAME.html``; ``parts`` are HTML already.

    ``style`` and ``script`` are those of all pages and of this one.
    """
    page = string.Template(_read(f"{name}.html"))
    return page.substitute(parts, style=_read("style.css"), script=_read(f"{name}.js"))


def _read(name: str) -> str:
    resource = files("imgflow.pages").joinpath(name)
    return resource.read_text(encoding="utf-8") if resource.is_file() else ""
