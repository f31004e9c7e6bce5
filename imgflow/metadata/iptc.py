"""IPTC-IIM: the records that news agencies write, bare or among Photoshop's resources.

Layout: IPTC-IIM 4.2, chapter 3; Adobe Photoshop file formats, "Image Resource Blocks".
"""

from __future__ import annotations

from typing import NamedTuple

BY_LINE, CREDIT, COPYRIGHT_NOTICE = 80, 110, 116

_MARK = 0x1C
_APPLICATION = 2
_HEADER_BYTES = 5
_PHOTOSHOP = b"Photoshop 3.0\0"
_RESOURCE = b"8BIM"
_IPTC_RESOURCE = 0x0404


class Resource(NamedTuple):
    """One of Photoshop's resources."""

    number: int
    data: bytes


def records(iptc: bytes) -> bytes:
    """Return the bare records, whichever wrapping they come in; empty if there are none."""
    if iptc[:1] == bytes([_MARK]):
        return iptc
    block = iptc.removeprefix(_PHOTOSHOP)
    return next((r.data for r in _resources(block) if r.number == _IPTC_RESOURCE), b"")


def wrap(iim: bytes) -> bytes:
    """Return records as a JPEG's APP13 segment holds them, without its length."""
    head = _PHOTOSHOP + _RESOURCE + _IPTC_RESOURCE.to_bytes(2, "big") + b"\0\0"
    return head + len(iim).to_bytes(4, "big") + iim + b"\0" * (len(iim) % 2)


def read_dataset(iptc: bytes, number: int) -> bytes:
    """Return the values of an application record's data set, joined by ``; ``."""
    iim = records(iptc)
    found = []
    at = 0
    while at + _HEADER_BYTES <= len(iim) and iim[at] == _MARK:
        length = int.from_bytes(iim[at + 3 : at + 5], "big")
        value = iim[at + _HEADER_BYTES : at + _HEADER_BYTES + length]
        if (iim[at + 1], iim[at + 2]) == (_APPLICATION, number):
            found.append(value)
        at += _HEADER_BYTES + length
    return b"; ".join(found)


def _resources(block: bytes) -> list[Resource]:
    found = []
    at = 0
    while block[at : at + 4] == _RESOURCE:
        number = int.from_bytes(block[at + 4 : at + 6], "big")
        name_bytes = block[at + 6] + 1 if at + 6 < len(block) else 1
        start = at + 6 + name_bytes + name_bytes % 2
        length = int.from_bytes(block[start : start + 4], "big")
        found.append(Resource(number, block[start + 4 : start + 4 + length]))
        at = start + 4 + length + length % 2
    return found
