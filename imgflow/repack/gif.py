"""GIF: its frames written anew by cgif, which finds what does not change between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import SourceError
from imgflow.libvips import libvips
from imgflow.repack.pixels import decode, same
from imgflow.source import Source

if TYPE_CHECKING:
    from imgflow.repack.thrift import Effort


def pack(data: bytes, effort: Effort) -> bytes:  # noqa: ARG001 - there is but one way
    """Return the GIF as libvips writes it, if every frame is what it was."""
    try:
        image = decode(Source("", data=data), "gif")
        packed: bytes = image.gifsave_buffer(dither=0, effort=10, reuse=True, keep=0)
        kept = same(decode(Source("", data=packed), "gif"), image, hidden=False)
    except (SourceError, libvips().Error):
        return data
    return packed if kept else data
