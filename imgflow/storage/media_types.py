"""The media type of a file: of images by their content, of the rest by their name."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from imgflow.sniff import SNIFF_BYTES, sniff

if TYPE_CHECKING:
    from imgflow.storage.storage import Data

#: Formats whose media type is not image/ and their name.
_IMAGES = {
    "bmp": "image/bmp",
    "cur": "image/x-icon",
    "dds": "image/vnd-ms.dds",
    "ico": "image/x-icon",
    "pcx": "image/vnd.zbrush.pcx",
    "pdf": "application/pdf",
    "ppm": "image/x-portable-anymap",
    "psd": "image/vnd.adobe.photoshop",
    "sgi": "image/sgi",
    "svg": "image/svg+xml",
    "tga": "image/x-tga",
    "vips": "application/octet-stream",
}
#: What imgflow writes besides images.
_NAMES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
}
_UNKNOWN = "application/octet-stream"


def media_type(name: str, data: Data) -> str:
    """Return the media type of ``data`` that is written as ``name``."""
    extension = posixpath.splitext(name)[1].lower()
    if extension in _NAMES:
        return _NAMES[extension]
    kind = sniff(data[:SNIFF_BYTES])
    return _IMAGES.get(kind, f"image/{kind}") if kind else _UNKNOWN
