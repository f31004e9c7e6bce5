"""Pictures inside a page: as they are where every browser shows them, else without any loss."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from imgflow.containers import REWRITERS, MalformedError
from imgflow.encoders.png import Png
from imgflow.encoders.webp import Webp
from imgflow.metadata import read_groups
from imgflow.metadata.groups import Groups

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.quality.comparison import Side
    from imgflow.source import Source

#: Formats that every browser shows, and the types to name them by.
_TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}


def data_uri(data: bytes, media_type: str) -> str:
    """Return bytes as a URI that holds them."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def embed(side: Side) -> str:
    """Return a picture as a URI: its own file without metadata, if browsers show that right.

    Where they do not know it, turn it another way, or have other colours, it is that of a file
    without loss, made of what was judged.
    """
    if data := _own_file(side.source, side.opened):
        return data_uri(data, _TYPES[side.opened.origin.format])
    fits = max(side.image.width, side.image.height) <= Webp.capabilities.longest
    encoder = Webp(quality="lossless", effort="fast") if fits else Png()
    return data_uri(encoder.encode(side.image, 0), encoder.capabilities.media_type)


def _own_file(source: Source, opened: Picture) -> bytes | None:
    origin, image = opened.origin, opened.image
    alike = opened.frames == 1 and not origin.reoriented and image.interpretation != "cmyk"
    if origin.format not in _TYPES or not alike:
        return None
    if rewrite := REWRITERS.get(origin.format):
        try:
            return rewrite(source.read(), Groups(), True)
        except MalformedError:
            return None
    return None if any(read_groups(image)) else source.read()
