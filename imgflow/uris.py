"""URIs as text: which places are far away, what a file is called there, what lies inside what.

The key of an object is taken as it is; in ``file://`` and ``http(s)://`` percent signs encode.
"""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote, unquote

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_OBJECT = re.compile(r"s3(\+[a-z0-9-]*)?", re.IGNORECASE)
_BUCKET = re.compile(r"[^/{}]+")
#: How an object's URI ends that means one version of it.
_VERSION = re.compile(r"\?versionId=[\w.~+/=-]*\Z", re.ASCII)
_DOTS = {".", ".."}


def scheme_of(uri: str) -> str:
    """Return the scheme of a URI in lower case, "" for a path."""
    match = _SCHEME.match(uri) if "://" in uri else None
    return match[1].lower() if match else ""


def is_remote(uri: str) -> bool:
    """Tell whether a place is not on this machine: each look at it is a request."""
    return scheme_of(uri) not in {"", "file"}


def is_object(uri: str) -> bool:
    """Tell whether a URI means a place in a bucket: ``s3://``, or ``s3+name://``."""
    return _OBJECT.fullmatch(scheme_of(uri)) is not None


def is_web(uri: str) -> bool:
    """Tell whether a URI means a page on the web."""
    return scheme_of(uri) in {"http", "https"}


def authority_of(uri: str) -> str:
    """Return the bucket or host of a URI, "" if it has none that is written out."""
    match = _BUCKET.match(uri.partition("://")[2])
    return match[0] if match else ""


def base_name(uri: str) -> str:
    """Return what a file is called: the last part of its path, key or URL, decoded."""
    if is_object(uri):
        return posixpath.basename(_VERSION.sub("", uri))
    if not scheme_of(uri):
        return posixpath.basename(uri)
    path = re.split(r"[?#]", uri, maxsplit=1)[0] if is_web(uri) else uri
    name = unquote(posixpath.basename(path)).replace("/", "_")
    return name or authority_of(uri)


def encoded_for(uri: str, text: str) -> str:
    """Return text as it is written into a URI or path of this kind, slashes left alone."""
    return quote(text) if scheme_of(uri) == "file" else text


def sealed(uri: str) -> str:
    """Return a URI that means the newest version of an object, whatever its key ends in."""
    return f"{uri}?versionId=" if is_object(uri) and _VERSION.search(uri) else uri


def output_fault(template: str) -> tuple[str, str] | None:
    """Return what is expected of a URI, or a template of URIs, to write to, and advice.

    None if there is nothing wrong with it.
    """
    if is_web(template):
        return "expected a place that can be written to", "the web is read only"
    name = authority_of(template)
    whole = template.partition("://")[2].startswith(f"{name}/")
    if is_object(template) and not (name and whole):
        return "expected the name of a bucket in full", "write s3://bucket/... with no field in it"
    if not is_object(template) and scheme_of(template) != "file":
        return "expected a path, s3://bucket/... or file:///...", "other schemes are not known"
    return None


def is_inside(uri: str, root: str) -> bool:
    """Tell whether a URI is below a root: a bucket, or a folder in it; ``..`` is never fine."""
    home = root.rstrip("/")
    if not uri.startswith(f"{home}/") or not home.partition("://")[2]:
        return False
    return len(uri) > len(home) + 1 and not _DOTS & set(uri.split("/"))
