"""A page: the content of a template in the layout of all pages, styles and scripts inside."""

from __future__ import annotations

import string
from importlib.resources import files
from typing import Any

_HOME = "imgflow.pages"


def fill_page(
    name: str,
    home: str = _HOME,
    *,
    title: str,
    uses: tuple[str, ...] = (),
    images: str = "data:",
    **parts: Any,  # noqa: ANN401
) -> str:
    """Return the page with the content ``NAME.html`` of a package; all ``parts`` are HTML already.

    ``NAME.css`` and ``NAME.js`` go with it if there are such files, after those of the pieces
    that it ``uses``. ``images`` are the places, as a content security policy names them,
    that pictures may come from.
    """
    pieces = [*((piece, _HOME) for piece in uses), (name, home)]
    styles = [_found(f"{piece}.css", place) for piece, place in (("style", _HOME), *pieces)]
    script = "".join(_found(f"{piece}.js", place) for piece, place in pieces)
    return fill_part(
        "layout.html",
        policy=_policy(images, runs=bool(script)),
        title=title,
        style="".join(styles),
        body=fill_part(f"{name}.html", home, title=title, **parts),
        script=f"<script>\n{script}</script>\n" if script else "",
    )


def fill_part(name: str, home: str = _HOME, **parts: Any) -> str:  # noqa: ANN401
    """Return a piece of a page, such as ``stage.html``; ``parts`` are HTML already."""
    text = files(home).joinpath(name).read_text(encoding="utf-8")
    return string.Template(text).substitute(parts)


def _policy(images: str, *, runs: bool) -> str:
    allowed = [f"img-src {images}", "style-src 'unsafe-inline'"]
    if runs:
        allowed.append("script-src 'unsafe-inline'")
    return "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"))


def _found(name: str, home: str) -> str:
    """Return a file of a package, "" if there is none."""
    file = files(home).joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else ""
