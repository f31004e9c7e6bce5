"""How a page names a file: relative to where the page is, so that both can move together."""

from __future__ import annotations

import os
import posixpath
from urllib.parse import quote

from imgflow.uris import authority_of, is_object, is_remote, is_web, scheme_of


def link_to(path: str, page: str) -> str:
    """Return a relative URL from a page to a file; "" where none leads there."""
    if not is_remote(path) and not is_remote(page):
        folder = os.path.dirname(os.path.abspath(_plain(page)))
        return quote(os.path.relpath(os.path.abspath(_plain(path)), folder).replace(os.sep, "/"))
    alike = scheme_of(path) == scheme_of(page) and authority_of(path) == authority_of(page)
    if not alike or not is_object(path):
        return path if is_web(path) else ""
    key, place = (uri.partition("://")[2] for uri in (path, page))
    return quote(posixpath.relpath(key, posixpath.dirname(place)))


def _plain(uri: str) -> str:
    from urllib.parse import unquote

    return unquote(uri.removeprefix("file://")) if scheme_of(uri) == "file" else uri
