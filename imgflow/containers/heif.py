"""Boxes of AVIF and HEIC files (ISO/IEC 14496-12, section 4.2): room for a mark at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers.malformed import MalformedError
from imgflow.containers.tag import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

_FREE = b"free"
_SHORT, _LONG = 8, 16


def read_mark(data: bytes) -> bytes:
    """Return our mark, empty if there is none; it lies in free space."""
    for kind, body in _boxes(data):
        if kind == _FREE and body.startswith(TAG):
            return body
    return b""


def with_mark(data: bytes, mark: bytes) -> bytes:
    """Return the file with free space at its end that holds a mark; nothing else moves."""
    if read_mark(data):
        raise MalformedError
    return data + (len(mark) + _SHORT).to_bytes(4, "big") + _FREE + mark


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the outermost boxes; one without a length would swallow what is put after it."""
    at = 0
    while at < len(data):
        length, head = int.from_bytes(data[at : at + 4], "big"), _SHORT
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), _LONG
        if length < head or at + length > len(data):
            raise MalformedError
        yield data[at + 4 : at + 8], data[at + head : at + length]
        at += length
