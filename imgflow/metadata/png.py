"""Copyright and author of a PNG in its text chunks, which libvips reads without their encoding."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from imgflow.libvips import libvips
from imgflow.metadata import exif
from imgflow.metadata.groups import EXIF, EXIF_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyvips import Image

    from imgflow.parts import View
    from imgflow.source import Source

#: Keywords of the PNG specification, third edition, 11.3.3.1 -> what they are in EXIF.
_TAGS = {b"Copyright": exif.COPYRIGHT, b"Author": exif.ARTIST}
_FIELD = "png-comment-"
_SIGNATURE_BYTES = 8
_LONGEST_TEXT = 65535


def with_rights(image: Image, source: Source) -> Image:
    """Return the image of a PNG with its copyright and author as EXIF in the header.

    EXIF that is there already counts more.
    """
    if image.get_typeof(EXIF) or not any(name.startswith(_FIELD) for name in image.get_fields()):
        return image
    found = {_TAGS[word]: text.encode() for word, text in _read(source) if text.strip()}
    if not found:
        return image
    header: Any = image.copy()
    header.set_type(libvips().GValue.blob_type, EXIF, EXIF_MARK + exif.build({**found}))
    edited: Image = header
    return edited


def _read(source: Source) -> list[tuple[bytes, str]]:
    with source.view() as data:
        return list(_texts(data))


def _texts(data: View) -> Iterator[tuple[bytes, str]]:
    """Yield the keywords and texts that are of use, up to the pixels."""
    at = _SIGNATURE_BYTES
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"IDAT":
            return
        if kind in {b"tEXt", b"zTXt", b"iTXt"} and length <= _LONGEST_TEXT:
            word, _, rest = data[at + 8 : at + 8 + length].partition(b"\0")
            if word in _TAGS:
                yield word, _decode(kind, rest)
        at += 12 + length


def _decode(kind: bytes, rest: bytes) -> str:
    """Return the text after a keyword: Latin-1, or UTF-8 after flags, language and translation."""
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _inflated(rest[1:]).decode("latin-1")
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    return (_inflated(text) if rest[:1] == b"\1" else text).decode("utf-8", "replace")


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _LONGEST_TEXT)
    except zlib.error:
        return b""
