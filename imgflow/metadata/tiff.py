"""Copyright and artist of a TIFF, which are tags of the page and which libvips passes over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.libvips import libvips
from imgflow.metadata import exif
from imgflow.metadata.groups import EXIF, EXIF_MARK

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.source import Source


def with_rights(image: Image, source: Source) -> Image:
    """Return the image of a TIFF with its copyright and artist as EXIF in the header."""
    if image.get_typeof(EXIF):
        return image
    texts = (exif.COPYRIGHT, exif.ARTIST)
    found = {tag: value.rstrip(b"\0") for tag, value in _read(source, texts).items() if value}
    if not found:
        return image
    header: Any = image.copy()
    header.set_type(libvips().GValue.blob_type, EXIF, EXIF_MARK + exif.build({**found}))
    edited: Image = header
    return edited


def _read(source: Source, tags: tuple[int, ...]) -> dict[int, bytes]:
    with source.view() as data:
        return {tag: exif.read_tag(data, tag) for tag in tags}
