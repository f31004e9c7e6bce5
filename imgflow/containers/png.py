"""PNG chunks (W3C PNG specification, third edition, section 5)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError

if TYPE_CHECKING:
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
    if not data.startswith(_SIGNATURE):
        raise MalformedError
    parts = [_SIGNATURE]
    at = len(_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        stop = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if stop > len(data) or len(kind) < 4:  # noqa: PLR2004
            raise MalformedError
        if _is_critical(kind) or kind in _KEPT or (profile and kind == b"iCCP"):
            parts.append(data[at:stop])
        if kind == b"IHDR":
            parts.extend(_chunks(groups))
        at = stop
    return b"".join(parts)


def _is_critical(kind: bytes) -> bool:
    return kind[:1].isupper()


def _chunks(groups: Groups) -> list[bytes]:
    chunks = [_pack(b"eXIf", groups.exif)] if groups.exif else []
    return [*chunks, _pack(b"iTXt", _XMP + groups.xmp)] if groups.xmp else chunks


def _pack(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return len(body).to_bytes(4, "big") + kind + body + checksum.to_bytes(4, "big")
