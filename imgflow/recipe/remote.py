"""Sources that are not on this machine: objects and folders of buckets, patterns, URLs.

Only ``*``, ``[`` and ``{`` are taken for a pattern here: ``?`` is common in keys and URLs.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import UsageError
from imgflow.recipe.globs import compile_both, compile_glob, compile_patterns
from imgflow.recipe.sources import DEFAULT_INCLUDE, Found, Search
from imgflow.uris import authority_of, base_name, is_object, is_web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.storage import Storage

_MAGIC = re.compile(r"[*\[{]")


class Maybe(NamedTuple):
    """A name that may be that of an object or of a folder: its last part has no extension."""

    found: Found
    search: Search


def plan_remote(
    uri: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> Search | Found | Maybe:
    """Return what a URI means as an input, without asking anybody; raises UsageError.

    A pattern also means the one object whose key reads like it, letter by letter.
    """
    if is_web(uri):
        return Found(uri, base_name(uri))
    if not is_object(uri) or not authority_of(uri):
        message = f"{uri}: expected a path, s3://bucket/..., https:// or file://, found another"
        raise UsageError(message, code="bad-input")
    if magic := _MAGIC.search(uri):
        return _plan_glob(uri, magic.start(), exclude)
    folder = Search(
        uri.rstrip("/") + "/",
        compile_patterns(include or DEFAULT_INCLUDE),
        compile_patterns(exclude),
    )
    name = base_name(uri)
    if uri.endswith("/") or uri.partition("://")[2] == authority_of(uri):
        return folder
    return Found(uri, name) if "." in name else Maybe(Found(uri, name), folder)


def walk_remote(plan: Search | Maybe, storage: Storage) -> Iterator[Found]:
    """Yield the objects of a folder that the patterns take, as they are listed.

    The version of each is told by its length and its tag.
    """
    search = plan.search if isinstance(plan, Maybe) else plan
    empty = True
    for entry in storage.list(search.folder, search.prefix):
        empty = False
        relative = entry.uri[len(search.folder) :]
        if search.takes(relative):
            yield Found(entry.uri, relative, f"{entry.size}-{entry.etag}")
    if empty and isinstance(plan, Maybe):
        yield plan.found


def _plan_glob(uri: str, magic: int, exclude: tuple[str, ...]) -> Search:
    cut = uri.rfind("/", 0, magic) + 1
    if cut <= uri.index("://") + len("://"):
        message = f"{uri}: expected the name of a bucket in full, found a pattern"
        raise UsageError(message, code="bad-input")
    pattern = uri[cut:]
    named = "." in posixpath.basename(pattern)
    wanted = compile_glob(pattern) if named else compile_both(pattern, DEFAULT_INCLUDE)
    either = re.compile(f"(?:{wanted.pattern})|(?:{re.escape(pattern)})", wanted.flags)
    return Search(uri[:cut], either, compile_patterns(exclude), uri[cut:magic])
