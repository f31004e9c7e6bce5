"""TIFF directories (TIFF 6.0, section 2): metadata is tags among those of the pixels."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError
from imgflow.metadata import exif

if TYPE_CHECKING:
    from imgflow.metadata import Groups

_XMP, _PROFILE = 0x02BC, 0x8773
_ASCII, _BYTE = 2, 1
#: Tags that tell how pixels are laid out and look: TIFF 6.0 baseline and extensions.
_PIXELS = {
    0x00FE, 0x00FF, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0107, 0x0108, 0x0109, 0x010A,
    0x0111, exif.ORIENTATION, 0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x011A, 0x011B, 0x011C,
    0x0122, 0x0123, 0x0128, 0x012D, 0x013D, 0x013E, 0x013F, 0x0140, 0x0141, 0x0142, 0x0143,
    0x0144, 0x0145, 0x014C, 0x014D, 0x014E, 0x0150, 0x0151, 0x0152, 0x0153, 0x0154, 0x0155,
    0x0156, 0x015B, 0x0200, 0x0211, 0x0212, 0x0213, 0x0214,
}  # fmt: skip
_SUB_DIRECTORIES = {0x014A, *exif.DIRECTORIES}
_ENTRY_BYTES, _INLINE_BYTES = 12, 4


def rewrite(data: bytes, groups: Groups, profile: bool) -> bytes:  # noqa: FBT001
    """Return a TIFF of one page with other metadata; what goes becomes zeros.

    Of EXIF only copyright and artist are written, as tags of the page itself.
    """
    order, start, page = _read(data)
    kept = _PIXELS | ({_PROFILE} if profile else set())
    out = bytearray(data)
    for entry in page:
        if entry.tag not in kept:
            out[entry.at : entry.at + entry.size] = bytes(entry.size)
    table = {entry.tag: entry.raw for entry in page if entry.tag in kept}
    for tag, kind, value in _values(groups):
        head = struct.pack(order + "HHI", tag, kind, len(value))
        table[tag] = head + _place(out, value, order)
    room = 2 + _ENTRY_BYTES * len(page) + 4
    out[start : start + room] = bytes(room)
    raw = struct.pack(order + "H", len(table)) + b"".join(table[tag] for tag in sorted(table))
    if len(raw) + 4 > room:
        start = _append(out, raw + bytes(4))
        out[4:8] = struct.pack(order + "I", start)
    else:
        out[start : start + len(raw)] = raw
    return bytes(out)


def _read(data: bytes) -> tuple[str, int, list[exif.Entry]]:
    """Return byte order, place and tags of the only directory; raises MalformedError for others."""
    try:
        order = exif.byte_order(data)
        start = exif.first_ifd(data, order)
        page = list(exif.entries(data, order, start))
    except exif.DamagedError as error:
        raise MalformedError from error
    count = int.from_bytes(data[start : start + 2], "little" if order == "<" else "big")
    after = start + 2 + _ENTRY_BYTES * count
    if len(page) != count or any(data[after : after + 4]) or after + 4 > len(data):
        raise MalformedError
    if any(entry.tag in _SUB_DIRECTORIES for entry in page):
        raise MalformedError
    return order, start, page


def _values(groups: Groups) -> list[tuple[int, int, bytes]]:
    texts = [(tag, exif.read_tag(groups.exif, tag)) for tag in (exif.ARTIST, exif.COPYRIGHT)]
    values = [(tag, _ASCII, text) for tag, text in texts if text]
    return [*values, (_XMP, _BYTE, groups.xmp)] if groups.xmp else values


def _place(out: bytearray, value: bytes, order: str) -> bytes:
    """Return the last four bytes of an entry: the value, or where it was appended."""
    if len(value) <= _INLINE_BYTES:
        return value.ljust(_INLINE_BYTES, b"\0")
    return struct.pack(order + "I", _append(out, value))


def _append(out: bytearray, data: bytes) -> int:
    out += b"\0" * (len(out) % 2)
    out += data
    return len(out) - len(data)
