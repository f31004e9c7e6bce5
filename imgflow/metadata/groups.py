"""The raw metadata of an image, as its loader left it in the header."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imgflow.libvips import header_field

if TYPE_CHECKING:
    from pyvips import Image

#: libvips' names of the header fields.
EXIF, XMP, IPTC = "exif-data", "xmp-data", "iptc-data"

#: What libvips has before the block, as JPEG does.
EXIF_MARK = b"Exif\0\0"


class Groups(NamedTuple):
    """Blocks of metadata, empty where there is none.

    ``exif`` is the TIFF structure without the ``Exif`` mark, ``xmp`` an XML packet,
    ``iptc`` IPTC-IIM records, or Photoshop's resources with such records among them.
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""


def read_groups(image: Image) -> Groups:
    """Return the metadata in the header of an image."""
    exif, xmp, iptc = (header_field(image, name, b"") for name in (EXIF, XMP, IPTC))
    return Groups(exif.removeprefix(EXIF_MARK), xmp, iptc)
