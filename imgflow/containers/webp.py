"""WebP chunks (RFC 9649, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError
from imgflow.containers.tag import TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.metadata import Groups

_HEADER_BYTES = 12
_EXTENDED = b"VP8X"
_PROFILE, _ALPHA, _EXIF, _XMP, _ANIMATION = 0x20, 0x10, 0x08, 0x04, 0x02
_PIXELS = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
_LOSSLESS_MARK = 0x2F
#: A chunk of our own, which readers pass over.
_MARK = b"imgf"
_SIDE = 0x3FFF


def rewrite(data: bytes, groups: Groups, profile: bool) -> bytes:  # noqa: FBT001
    """Return a WebP with other metadata, in the extended layout only if it needs one."""
    chunks = dict.fromkeys([_EXTENDED, b"ICCP"], b"")
    pixels: list[tuple[bytes, bytes]] = []
    marks: list[tuple[bytes, bytes]] = []
    for kind, body in _chunks(data):
        if kind in _PIXELS:
            pixels.append((kind, body))
        elif _is_mark(kind, body):
            marks.append((kind, body))
        elif kind in chunks:
            chunks[kind] = body
    if not pixels:
        raise MalformedError
    icc = chunks[b"ICCP"] if profile else b""
    header = _header(chunks[_EXTENDED] or _fresh_header(*pixels[0]), groups, icc=bool(icc))
    metadata = [(b"EXIF", groups.exif), (b"XMP ", groups.xmp)]
    parts = [*pixels, *((kind, body) for kind, body in metadata if body), *marks]
    if chunks[_EXTENDED] or len(parts) > len(pixels):
        parts = [(_EXTENDED, header), *([(b"ICCP", icc)] if icc else []), *parts]
    return _file(parts)


def lossless_pixels(data: bytes) -> bytes:
    """Return the pixels as they are coded where that is lossless, else nothing."""
    found = [(kind, body) for kind, body in _chunks(data) if kind in _PIXELS]
    if len(found) != 1 or found[0][0] != b"VP8L":
        return b""
    return found[0][1]


def with_lossless_pixels(data: bytes, pixels: bytes) -> bytes:
    """Return a file of lossless pixels with these in their place, and all else as it was."""
    return _file((kind, pixels if kind == b"VP8L" else body) for kind, body in _chunks(data))


def read_mark(data: bytes) -> bytes:
    """Return our mark, empty if there is none."""
    return next((body for kind, body in _chunks(data) if _is_mark(kind, body)), b"")


def with_mark(data: bytes, mark: bytes) -> bytes:
    """Return the file with a mark, in the extended layout."""
    parts = list(_chunks(data))
    if parts and parts[0][0] != _EXTENDED:
        parts.insert(0, (_EXTENDED, _fresh_header(*parts[0])))
    return _file([*parts, (_MARK, mark)])


def _is_mark(kind: bytes, body: bytes) -> bool:
    return kind == _MARK and body.startswith(TAG)


def _file(parts: Iterable[tuple[bytes, bytes]]) -> bytes:
    body = b"WEBP" + b"".join(_pack(*part) for part in parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise MalformedError
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    at = _HEADER_BYTES
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise MalformedError
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _header(header: bytes, groups: Groups, *, icc: bool) -> bytes:
    flags = header[0] & (_ALPHA | _ANIMATION)
    flags |= _PROFILE * icc | _EXIF * bool(groups.exif) | _XMP * bool(groups.xmp)
    return bytes([flags]) + header[1:]


def _fresh_header(kind: bytes, body: bytes) -> bytes:
    """Return the extended header of a file that has only pixels."""
    if kind == b"VP8L" and body[:1] == bytes([_LOSSLESS_MARK]):
        bits = int.from_bytes(body[1:5], "little")
        width, height, alpha = bits & _SIDE, bits >> 14 & _SIDE, bits >> 28 & 1
    elif kind == b"VP8 ":
        width = (int.from_bytes(body[6:8], "little") & _SIDE) - 1
        height = (int.from_bytes(body[8:10], "little") & _SIDE) - 1
        alpha = 0
    else:
        raise MalformedError
    sides = width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return bytes([_ALPHA * alpha, 0, 0, 0]) + sides


def _pack(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
