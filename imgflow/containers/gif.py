"""GIF blocks (GIF89a specification, appendix A)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError

if TYPE_CHECKING:
    from imgflow.metadata import Groups

_HEADER_BYTES = 13
_IMAGE_BYTES = 10
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION, _COMMENT = 0xFF, 0xFE
#: Applications whose block is part of the animation: the number of its loops.
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def rewrite(data: bytes, groups: Groups, profile: bool) -> bytes:  # noqa: ARG001, FBT001
    """Return a GIF without comments and metadata; it has no place for new ones."""
    if data[:3] != b"GIF" or len(data) < _HEADER_BYTES:
        raise MalformedError
    at = _HEADER_BYTES + _table_bytes(data[10])
    parts = [data[:at]]
    while data[at : at + 1] != bytes([_TRAILER]):
        stop = _end_of_block(data, at)
        if not _is_metadata(data, at):
            parts.append(data[at:stop])
        at = stop
    return b"".join([*parts, bytes([_TRAILER])])


def _end_of_block(data: bytes, at: int) -> int:
    kind = data[at : at + 1]
    if kind == bytes([_EXTENSION]):
        return _end_of_chain(data, at + 2)
    if kind == bytes([_IMAGE]) and at + _IMAGE_BYTES <= len(data):
        return _end_of_chain(data, at + _IMAGE_BYTES + _table_bytes(data[at + 9]) + 1)
    raise MalformedError


def _end_of_chain(data: bytes, at: int) -> int:
    while at < len(data):
        if data[at] == 0:
            return at + 1
        at += data[at] + 1
    raise MalformedError


def _is_metadata(data: bytes, at: int) -> bool:
    if data[at] != _EXTENSION:
        return False
    if data[at + 1] == _APPLICATION:
        return not data[at + 3 : at + 14].startswith(_LOOPS)
    return data[at + 1] == _COMMENT


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
