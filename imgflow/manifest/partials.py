"""The markup of all sources of a manifest, as files that sites include."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import StorageError
from imgflow.manifest.choosing import is_shown
from imgflow.manifest.manifest import Manifest
from imgflow.manifest.markup import picture_markup
from imgflow.manifest.writing import write_if_new
from imgflow.template import stays_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.manifest.markup import Markup
    from imgflow.storage import Storage


def chosen(manifest: Manifest, names: Sequence[str] | None) -> Manifest:
    """Return the manifest of some sources, None for all; raises UsageError for an unknown one."""
    if not names:
        return manifest
    return Manifest(sources={name: manifest.entry(name) for name in names})


def html_partials(
    manifest: Manifest, *, sizes: str | None = None, base: str = ""
) -> dict[str, str]:
    """Return the HTML of each source by its name, for sources that browsers show something of."""
    return {name: f"{found.html()}\n" for name, found in _all(manifest, sizes, base).items()}


def json_markup(manifest: Manifest, *, sizes: str | None = None, base: str = "") -> bytes:
    """Return the attributes of all elements by source, as JSON."""
    return msgspec.json.format(msgspec.json.encode(_all(manifest, sizes, base)), indent=2) + b"\n"


def write_partials(
    folder: str, manifest: Manifest, storage: Storage, *, sizes: str | None = None, base: str = ""
) -> list[str]:
    """Write the HTML of each source below a folder, ``FOLDER/articles/photo.jpg.html`` say.

    Returns the paths of all files; those that are there already are left alone. Raises
    StorageError, also for a source whose file would lie outside of the folder.
    """
    files = {}
    for name, text in html_partials(manifest, sizes=sizes, base=base).items():
        path = posixpath.join(folder, f"{name}.html")
        if not stays_inside(path, folder):
            message = f"{path}: expected a file inside '{folder}', found a source elsewhere"
            raise StorageError(message, code="path-escapes", retryable=False)
        files[path] = text.encode()
    for path, data in files.items():
        write_if_new(path, data, storage)
    return list(files)


def _all(manifest: Manifest, sizes: str | None, base: str) -> dict[str, Markup]:
    return {
        name: picture_markup(manifest, name, sizes=sizes, base=base)
        for name, entry in manifest.sources.items()
        if any(is_shown(variant) for variant in entry.variants)
    }
