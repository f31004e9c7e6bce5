"""What a manifest holds."""

from __future__ import annotations

import base64
from typing import Annotated

import msgspec

from imgflow.errors import UsageError
from imgflow.placeholders import Placeholders

#: The version of the format, which changes when a program that reads it would have to.
VERSION = 1


class Variant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file that was made of a source.

    ``path`` is a URI, or a path relative to the manifest. ``name`` is that of the output in
    the recipe. ``type`` is the media type. ``score`` is that of SSIMULACRA2, where one was asked
    for. ``sha256`` is in hex, ``integrity`` the same as browsers want it.
    """

    path: str
    format: str
    type: str
    width: int
    height: int
    bytes: int
    sha256: str
    integrity: str
    name: str = ""
    score: float | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One source: its size in pixels when upright, its digest, and what was made of it."""

    width: int
    height: int
    format: str
    bytes: int
    sha256: str
    placeholders: Placeholders
    variants: tuple[Variant, ...]
    alt: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All sources of a recipe by name, and what was made of them.

    A name is the path below the folder that was searched. There is no time in it, and its
    order is that of names: equal input gives equal bytes.
    """

    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)] = VERSION
    sources: dict[str, Entry]

    def entry(self, name: str) -> Entry:
        """Return what is told of a source; raises UsageError if there is no such source."""
        if name not in self.sources:
            message = f"{name}: expected a source of the manifest, found {self._known()}"
            raise UsageError(message, code="unknown-source")
        return self.sources[name]

    def _known(self) -> str:
        shown = ", ".join(list(self.sources)[:3])
        rest = len(self.sources) - 3
        return (shown or "none") + (f" and {rest} more" if rest > 0 else "")


def integrity_of(sha256: str) -> str:
    """Return a digest in hex as Subresource Integrity writes it."""
    return f"sha256-{base64.b64encode(bytes.fromhex(sha256)).decode()}"
