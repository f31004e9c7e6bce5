"""EXIF: read a few tags, leave some out, or build it anew.

EXIF is a TIFF structure: directories of tags whose values lie anywhere in the block. What
is kept stays where it is, so that offsets inside maker notes stay right; everything else
becomes zeros. Layout: TIFF 6.0, section 2; tags: Exif 2.32, section 4.6.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgflow.parts import View

ORIENTATION, ARTIST, COPYRIGHT = 0x0112, 0x013B, 0x8298
EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005

_ASCII, _SHORT = 2, 3
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ENTRY_BYTES, _INLINE_BYTES, _MOST_ENTRIES = 12, 4, 4096
DIRECTORIES = (EXIF_IFD, GPS_IFD, INTEROP_IFD)


class Entry(NamedTuple):
    """A tag: its 12 bytes in the directory, and where its value lies."""

    tag: int
    kind: int
    raw: bytes
    at: int
    size: int


class DamagedError(ValueError):
    """The structure points outside of itself."""


def read_tag(exif: View, tag: int) -> bytes:
    """Return the value of a tag of the main directory; empty if there is none."""
    try:
        order = byte_order(exif)
        found = next(
            (e for e in entries(exif, order, first_ifd(exif, order)) if e.tag == tag), None
        )
    except DamagedError:
        return b""
    return exif[found.at : found.at + found.size] if found else b""


def has_position(exif: bytes) -> bool:
    """Tell whether there is a GPS directory."""
    return bool(read_tag(exif, GPS_IFD))


def without(exif: bytes, keeps: Callable[[int, int], bool]) -> bytes:
    """Return EXIF with only those tags for which ``keeps(directory, tag)`` says so.

    The main directory is 0, the others go by the tag that points to them. The thumbnail
    always goes. Empty if nothing is left, or if the structure is damaged.
    """
    try:
        order = byte_order(exif)
        copy = _Copy(exif, order, keeps)
        start = first_ifd(exif, order)
        left = copy.directory(start, 0)
    except DamagedError:
        return b""
    return bytes(copy.out[: copy.end]) if left else b""


def build(tags: dict[int, bytes | int]) -> bytes:
    """Return new EXIF with text and short tags, big-endian."""
    if not tags:
        return b""
    values = b""
    table = struct.pack(">H", len(tags))
    start = 8 + 2 + _ENTRY_BYTES * len(tags) + 4
    for tag, value in sorted(tags.items()):
        if isinstance(value, int):
            table += struct.pack(">HHIHH", tag, _SHORT, 1, value, 0)
            continue
        text = value + b"\0"
        inline = text.ljust(_INLINE_BYTES, b"\0") if len(text) <= _INLINE_BYTES else b""
        where = inline or struct.pack(">I", start + len(values))
        table += struct.pack(">HHI", tag, _ASCII, len(text)) + where
        values += b"" if inline else text + b"\0" * (len(text) % 2)
    return b"MM\0*" + struct.pack(">I", 8) + table + bytes(4) + values


def byte_order(exif: View) -> str:
    """Return ``<`` or ``>``; raises DamagedError if this is no such structure."""
    try:
        return _ORDERS[exif[:4]]
    except KeyError as error:
        raise DamagedError from error


def first_ifd(exif: View, order: str) -> int:
    """Return where the main directory lies."""
    return _unpack(exif, order + "I", 4)


def entries(exif: View, order: str, start: int) -> Iterator[Entry]:
    """Yield the tags of a directory; raises DamagedError where one points outside."""
    count = _unpack(exif, order + "H", start)
    if count > _MOST_ENTRIES:
        raise DamagedError
    for at in range(start + 2, start + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES):
        raw = exif[at : at + _ENTRY_BYTES]
        if len(raw) < _ENTRY_BYTES:
            raise DamagedError
        tag, kind, length = struct.unpack(order + "HHI", raw[:8])
        size = _TYPE_BYTES.get(kind, 0) * length
        where = at + 8 if size <= _INLINE_BYTES else _unpack(exif, order + "I", at + 8)
        if where + size <= len(exif):
            yield Entry(tag, kind, raw, where, size)


class _Copy:
    """A copy of a structure, zero wherever nothing was kept."""

    def __init__(self, exif: bytes, order: str, keeps: Callable[[int, int], bool]) -> None:
        self.exif = exif
        self.order = order
        self.keeps = keeps
        self.out = bytearray(len(exif))
        self.end = 0
        self._put(0, exif[:8])

    def directory(self, start: int, name: int) -> bool:
        """Copy what is kept of a directory; False if that is nothing."""
        table = [e.raw for e in entries(self.exif, self.order, start) if self._keep(e, name)]
        if not table:
            return False
        count = struct.pack(self.order + "H", len(table))
        self._put(start, count + b"".join(table) + bytes(4))
        return True

    def _keep(self, entry: Entry, name: int) -> bool:
        if not self.keeps(name, entry.tag):
            return False
        if entry.tag in DIRECTORIES and name in {0, EXIF_IFD} and entry.tag != name:
            return self.directory(_unpack(self.exif, self.order + "I", entry.at), entry.tag)
        if entry.size > _INLINE_BYTES:
            self._put(entry.at, self.exif[entry.at : entry.at + entry.size])
        return True

    def _put(self, at: int, data: bytes) -> None:
        stop = min(at + len(data), len(self.out))
        self.out[at:stop] = data[: stop - at]
        self.end = max(self.end, stop)


def _unpack(data: View, form: str, at: int) -> int:
    try:
        return int(struct.unpack(form, data[at : at + struct.calcsize(form)])[0])
    except struct.error as error:
        raise DamagedError from error
