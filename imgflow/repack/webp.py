"""WebP: what is lossless is compressed anew, harder; what is lossy stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.containers import webp
from imgflow.image import load
from imgflow.libvips import libvips
from imgflow.source import Source

if TYPE_CHECKING:
    from imgflow.repack.thrift import Effort

#: libwebp's method, and the quality that says how hard to search where nothing is lost. Method
#: 6 makes the same files as 5 in ten times the time.
_EFFORTS: dict[Effort, dict[str, Any]] = {
    "balanced": {"effort": 5, "Q": 75},
    "max": {"effort": 5, "Q": 100},
}


def pack(data: bytes, effort: Effort) -> bytes:
    """Return a WebP with the same chunks, but that of its lossless pixels."""
    if not webp.lossless_pixels(data):
        return data
    image = load(Source("", data=data), "webp")
    try:
        packed = image.webpsave_buffer(lossless=True, exact=True, keep=0, **_EFFORTS[effort])
    except libvips().Error:
        return data
    pixels = webp.lossless_pixels(packed)
    return webp.with_lossless_pixels(data, pixels) if pixels else data
