"""A source beside what was made of it, as pictures that any browser shows, inside the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.encoders.webp import Webp
from imgflow.image import open_picture
from imgflow.operations import apply_steps, largest_shrink, parse_steps
from imgflow.pages.embedding import data_uri, embed
from imgflow.quality.comparison import Side

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.limits import Limits
    from imgflow.report.entry import Entry, File
    from imgflow.source import Source

#: Bytes a pixel that WebP takes for a photograph without loss, more or less.
_WITHOUT_LOSS = 1.5
#: A file in base64 is a third longer.
_TEXT = 4 / 3
_DISCARD = 0


def shows_itself(entry: Entry, file: File) -> bool:
    """Tell whether a source is shown beside a file as it is, and reduced by browsers if need be.

    That is done if it is no longer than a copy without loss, in the size of the file.
    """
    scaled = file.aligned and (file.width, file.height) != (entry.width, entry.height)
    return not scaled or entry.bytes <= _plain_bytes(file)


def expect_bytes(entry: Entry, file: File, *, there: bool) -> float:
    """Return about how long both are in a page; ``there`` says that the source is in it."""
    source = entry.bytes if shows_itself(entry, file) else _plain_bytes(file)
    return _TEXT * (file.bytes + (0 if there else source))


def show_source(entry: Entry, file: File, source: Source, limits: Limits) -> str:
    """Return a source as it is or in the size of the file, without any loss, as a data URI.

    Raises SourceError for what is no image, libvips' Error for a damaged one.
    """
    if shows_itself(entry, file):
        return show_file(source, limits)
    return _reduced(source, file, limits)


def show_file(source: Source, limits: Limits) -> str:
    """Return a picture in its own size as a data URI; raises as :func:`show_source` does."""
    opened = open_picture(source, limits)
    return embed(Side(source, opened, _first(opened).random_access().srgb().image))


def _plain_bytes(file: File) -> float:
    return _WITHOUT_LOSS * file.width * file.height


def _reduced(source: Source, file: File, limits: Limits) -> str:
    wanted = {"op": "resize", "width": file.width, "height": file.height, "fit": "fill"}
    steps = parse_steps([wanted])
    picture = open_picture(source, limits, shrink=lambda size: largest_shrink(size, steps))
    image = apply_steps(_first(picture), steps).srgb().image
    return data_uri(Webp(quality="lossless", effort="fast").encode(image, _DISCARD), "image/webp")


def _first(picture: Picture) -> Picture:
    return picture.replace(image=picture.frame(0), frames=1, delays=())
