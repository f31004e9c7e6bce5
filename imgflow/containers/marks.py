"""Marks: a few words of ours inside a file, which tell that it was compressed with loss.

They travel with the file, so that nobody compresses it a second time, on any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers import heif, jpeg, png, webp
from imgflow.containers.malformed import MalformedError
from imgflow.containers.tag import TAG

if TYPE_CHECKING:
    from types import ModuleType

_FORMATS: dict[str, ModuleType] = {
    "avif": heif,
    "heic": heif,
    "jpeg": jpeg,
    "png": png,
    "webp": webp,
}
#: Formats that have room for a mark.
MARKABLE = frozenset(_FORMATS)
_VERSION = b"1"


def mark_of(quality: str) -> bytes:
    """Return the mark of a file that was compressed to a quality: ``high``, ``85``."""
    return TAG + _VERSION + b" quality=" + quality.encode("ascii", "replace")


def read_mark(data: bytes, kind: str) -> str:
    """Return the mark of a file, "" if it has none."""
    if kind not in _FORMATS:
        return ""
    try:
        mark: bytes = _FORMATS[kind].read_mark(data)
    except MalformedError:
        return ""
    return mark.decode("ascii", "replace")


def with_mark(data: bytes, kind: str, mark: bytes) -> bytes:
    """Return a file that has no mark yet with one; as it is where its format has no room."""
    if kind not in _FORMATS:
        return data
    marked: bytes = _FORMATS[kind].with_mark(data, mark)
    return marked
