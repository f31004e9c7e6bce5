"""Whose picture it is: copyright, artist and credit, from wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imgflow.metadata import exif, iptc, xmp

if TYPE_CHECKING:
    from imgflow.metadata.groups import Groups


class Rights(NamedTuple):
    """Copyright notice, artist and credit line; empty where there is none."""

    copyright: str = ""
    artist: str = ""
    credit: str = ""


def read_rights(groups: Groups) -> Rights:
    """Return what EXIF says, else IPTC, else XMP, for each of the three."""
    from_exif = (
        _decode(exif.read_tag(groups.exif, exif.COPYRIGHT)),
        _decode(exif.read_tag(groups.exif, exif.ARTIST)),
        "",
    )
    from_iptc = tuple(
        _decode(iptc.read_dataset(groups.iptc, number)) if groups.iptc else ""
        for number in (iptc.COPYRIGHT_NOTICE, iptc.BY_LINE, iptc.CREDIT)
    )
    from_xmp = xmp.read_rights(groups.xmp)
    return Rights(*(a or b or c for a, b, c in zip(from_exif, from_iptc, from_xmp, strict=True)))


def _decode(value: bytes) -> str:
    """Decode UTF-8, or else Latin-1, which old cameras and agencies write.

    Cameras fill an empty field with spaces. In EXIF a zero parts photographer and editor.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return "; ".join(filter(None, (part.strip() for part in text.split("\0"))))
