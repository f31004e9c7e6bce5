"""Walk the blocks of a GIF, to tell a whole file from one that was cut off.

libvips drops the frames that a truncated GIF lacks without a word.
Block layout: GIF89a specification, appendix A.
"""

from __future__ import annotations

_HEADER, _DESCRIPTOR = 13, 10
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_HAS_COLOURS, _COLOURS = 0x80, 0x07


def is_cut_off(data: bytes) -> bool:
    """Tell whether a GIF ends in the middle of a block.

    A missing trailer after a whole block is forgiven: encoders forget it.
    """
    at = _HEADER + _table_bytes(data[10]) if len(data) >= _HEADER else len(data) + 1
    while at < len(data):
        kind = data[at]
        if kind == _TRAILER:
            return False
        if kind == _EXTENSION:
            at = _after_chain(data, at + 2)
        elif kind == _IMAGE:
            flags = data[at + 9] if at + _DESCRIPTOR <= len(data) else 0
            at = _after_chain(data, at + _DESCRIPTOR + _table_bytes(flags) + 1)
        else:
            at += 1
    return at > len(data)


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & _COLOURS) + 1) if flags & _HAS_COLOURS else 0


def _after_chain(data: bytes, at: int) -> int:
    """Return where a chain of sub-blocks ends; beyond the data if it does not."""
    while at < len(data):
        if data[at] == 0:
            return at + 1
        at += data[at] + 1
    return len(data) + 1
