"""Thumbnails so small that a page can hold thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.encoders.webp import Webp
from imgflow.image import open_picture
from imgflow.operations import apply_steps, largest_shrink, parse_steps

if TYPE_CHECKING:
    from imgflow.limits import Limits
    from imgflow.source import Source

#: The most that a thumbnail takes.
THUMBNAIL_BYTES = 2000
#: The side of a picture that is large enough to be reduced to one.
LARGE_ENOUGH = 128
#: Side in pixels and quality of WebP, until the file is small enough: noise needs the last.
_TRIES = ((LARGE_ENOUGH, 50), (LARGE_ENOUGH, 25), (96, 20), (64, 10), (32, 1))
_DISCARD = 0


def draw_thumbnail(source: Source, limits: Limits) -> bytes:
    """Return a WebP of the first frame, of at most ``THUMBNAIL_BYTES``.

    Raises SourceError for what is no image, libvips' Error for a damaged one.
    """
    bounds = {"width": LARGE_ENOUGH, "height": LARGE_ENOUGH, "fit": "inside"}
    steps = parse_steps([{"op": "resize", **bounds}])
    picture = open_picture(source, limits, shrink=lambda size: largest_shrink(size, steps))
    first = picture.replace(image=picture.frame(0), frames=1, delays=())
    image = apply_steps(first, steps).srgb().image.colourspace("srgb").copy_memory()
    data = b""
    for side, quality in _TRIES:
        scale = min(1.0, side / max(image.width, image.height))
        smaller = image.resize(scale) if scale < 1 else image
        data = Webp(quality=quality, effort="fast").encode(smaller, _DISCARD)
        if len(data) <= THUMBNAIL_BYTES:
            break
    return data
