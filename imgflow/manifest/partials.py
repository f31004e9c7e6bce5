"""The markup of all sources of a manifest, as files that sites include."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import UsageError
from imgflow.manifest.markup import picture_markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.manifest.manifest import Manifest
    from imgflow.manifest.markup import Markup


def html_partials(
    manifest: Manifest, *, sizes: str | None = None, base: str = ""
) -> dict[str, str]:
    """Return an HTML file for each source: ``articles/photo.jpg.html`` and its text.

    A source of which there is nothing that browsers show has none.
    """
    return {f"{name}.html": f"{found.html()}\n" for name, found in _all(manifest, sizes, base)}


def json_markup(manifest: Manifest, *, sizes: str | None = None, base: str = "") -> bytes:
    """Return the attributes of all elements by source, as JSON."""
    found = dict(_all(manifest, sizes, base))
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def _all(manifest: Manifest, sizes: str | None, base: str) -> Iterator[tuple[str, Markup]]:
    for name in manifest.sources:
        try:
            yield name, picture_markup(manifest, name, sizes=sizes, base=base)
        except UsageError:
            continue
