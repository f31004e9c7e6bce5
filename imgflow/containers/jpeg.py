"""JPEG segments (ITU T.81, annex B; where metadata lies: CIPA DC-008, 4.7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError
from imgflow.containers.tag import TAG
from imgflow.metadata import iptc

if TYPE_CHECKING:
    from imgflow.metadata import Groups

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_DQT, _SOS, _COM, _APP0, _APP1, _APP2, _APP13, _APP14, _APP15 = (
    0xDB, 0xDA, 0xFE, 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF,
)  # fmt: skip
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JFIF, _ADOBE, _PROFILE = b"JFIF\0", b"Adobe", b"ICC_PROFILE\0"
_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_JFIF_BYTES = 14
_LONGEST = 65533
#: What of a profile fits into one segment: two bytes number it, and count the segments.
_PROFILE_BYTES = _LONGEST - len(_PROFILE) - 2
#: In coded data, what follows 0xFF is a marker unless it is zero or a restart.
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")


def rewrite(data: bytes, groups: Groups, profile: bool) -> bytes:  # noqa: FBT001
    """Return a JPEG with other metadata; all after its end (previews, gain maps) goes too."""
    if not data.startswith(_SOI):
        raise MalformedError
    head, body = [_SOI], []
    at = 2
    while True:
        kind, start, stop = _segment(data, at)
        if kind == _EOI[1]:
            body.append(_EOI)
            break
        at = stop
        if kind == _SOS:
            at = _end_of_scan(data, stop)
            body.append(data[start:at])
        elif kind == _APP0:
            head.extend(_without_thumbnail(data[start:stop]))
        elif _is_kept(data[start:stop], profile=profile):
            body.append(data[start:stop])
    return b"".join([*head, *_segments(groups), *body])


def with_profile(data: bytes, profile: bytes) -> bytes:
    """Return a JPEG that has no colour profile with one (ICC.1:2022, annex B.4)."""
    parts = [profile[at : at + _PROFILE_BYTES] for at in range(0, len(profile), _PROFILE_BYTES)]
    segments = [
        _pack(_APP2, _PROFILE + bytes([number, len(parts)]) + part)
        for number, part in enumerate(parts, 1)
    ]
    at = len(_SOI)
    if data[at + 1] == _APP0:
        at = _segment(data, at)[2]
    return b"".join([data[:at], *segments, data[at:]])


def read_mark(data: bytes) -> bytes:
    """Return our mark, empty if there is none; it is a comment before the first scan."""
    kind, at = 0, len(_SOI)
    while kind not in {_SOS, _EOI[1]}:
        kind, start, at = _segment(data, at)
        if kind == _COM and data[start + 4 :].startswith(TAG):
            return data[start + 4 : at]
    return b""


def with_mark(data: bytes, mark: bytes) -> bytes:
    """Return the file with a mark, after what applications say of it."""
    kind, start, stop = _APP0, len(_SOI), len(_SOI)
    while _APP0 <= kind <= _APP15:
        kind, start, stop = _segment(data, stop)
    return data[:start] + _pack(_COM, mark) + data[start:]


def manner(data: bytes) -> bytes:
    """Return how a JPEG is coded: its frame header and the tables that quantise the first scan.

    In pictures of one size they tell the encoder, its mode and its quality, or nearly so.
    """
    found, kind, at = b"", 0, len(_SOI)
    while kind not in {_SOS, _EOI[1]}:
        kind, start, at = _segment(data, at)
        if kind == _DQT or kind in _FRAMES:
            found += data[start:at] if kind in _FRAMES else data[start + 4 : at]
    return found


def _segment(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the marker, the start and the end of a segment; fill bytes are passed over."""
    while data[at : at + 2] == b"\xff\xff":
        at += 1
    if at + 2 > len(data) or data[at] != _SOI[0]:
        raise MalformedError
    if data[at + 1] == _EOI[1]:
        return data[at + 1], at, at + 2
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    if length < 2 or at + 2 + length > len(data):  # noqa: PLR2004
        raise MalformedError
    return data[at + 1], at, at + 2 + length


def _end_of_scan(data: bytes, at: int) -> int:
    found = _MARKER.search(data, at)
    if not found:
        raise MalformedError
    return found.start()


def _is_kept(segment: bytes, *, profile: bool) -> bool:
    kind = segment[1]
    if kind == _APP2:
        return profile and segment[4:].startswith(_PROFILE)
    if kind == _APP14:
        return segment[4:].startswith(_ADOBE)
    if kind == _COM:
        return segment[4:].startswith(TAG)
    return not _APP0 <= kind <= _APP15


def _without_thumbnail(segment: bytes) -> list[bytes]:
    if not segment[4:].startswith(_JFIF):
        return []
    body = segment[4 : 4 + _JFIF_BYTES - 2].ljust(_JFIF_BYTES - 2, b"\0") + b"\0\0"
    return [_pack(_APP0, body)]


def _segments(groups: Groups) -> list[bytes]:
    """Return the segments of some metadata; a block too long for one is left out."""
    blocks = [
        (_APP1, _EXIF, groups.exif),
        (_APP1, _XMP, groups.xmp),
        (_APP13, b"", iptc.wrap(groups.iptc) if groups.iptc else b""),
    ]
    return [
        _pack(kind, mark + block)
        for kind, mark, block in blocks
        if block and len(mark) + len(block) <= _LONGEST
    ]


def _pack(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + (len(body) + 2).to_bytes(2, "big") + body
