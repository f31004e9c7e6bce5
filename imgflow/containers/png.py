"""PNG chunks (W3C PNG specification, third edition, section 5)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError
from imgflow.containers.tag import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.metadata import Groups

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP = b"XML:com.adobe.xmp\0\0\0\0\0"
#: Ancillary chunks that say how pixels look; of unknown ones nobody knows what they hold.
_KEPT = {
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"hIST",
    b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip


def rewrite(data: bytes, groups: Groups, profile: bool) -> bytes:  # noqa: FBT001
    """Return a PNG with other metadata."""
    parts = [_SIGNATURE]
    for kind, chunk in _chunks(data):
        kept = kind in _KEPT or (profile and kind == b"iCCP") or _is_mark(kind, chunk)
        if kept or kind[:1].isupper():
            parts.append(chunk)
        if kind == b"IHDR":
            parts.extend(_of_groups(groups))
    return b"".join(parts)


def is_animated(data: bytes) -> bool:
    """Tell whether a PNG has several frames; raises MalformedError."""
    return any(kind == b"acTL" for kind, _ in _chunks(data))


def has_profile(data: bytes) -> bool:
    """Tell whether a PNG has a colour profile; raises MalformedError."""
    return any(kind == b"iCCP" for kind, _ in _chunks(data))


def read_mark(data: bytes) -> bytes:
    """Return our mark, empty if there is none; it is a text whose keyword is our name."""
    for kind, chunk in _chunks(data):
        if _is_mark(kind, chunk):
            return chunk[8:-4].replace(b"\0", b":", 1)
    return b""


def with_mark(data: bytes, mark: bytes) -> bytes:
    """Return the file with a mark at its end."""
    parts = [_SIGNATURE]
    for kind, chunk in _chunks(data):
        if kind == b"IEND":
            parts.append(_pack(b"tEXt", mark.replace(b":", b"\0", 1)))
        parts.append(chunk)
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and all bytes of each chunk, to the last one."""
    if not data.startswith(_SIGNATURE):
        raise MalformedError
    at = len(_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        stop = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if stop > len(data) or len(kind) < 4:  # noqa: PLR2004
            raise MalformedError
        yield kind, data[at:stop]
        at = stop


def _is_mark(kind: bytes, chunk: bytes) -> bool:
    return kind == b"tEXt" and chunk[8:].startswith(TAG.replace(b":", b"\0"))


def _of_groups(groups: Groups) -> list[bytes]:
    chunks = [_pack(b"eXIf", groups.exif)] if groups.exif else []
    return [*chunks, _pack(b"iTXt", _XMP + groups.xmp)] if groups.xmp else chunks


def _pack(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return len(body).to_bytes(4, "big") + kind + body + checksum.to_bytes(4, "big")
