"""From the metadata that is there and the groups to keep, to the metadata to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.metadata import exif, iptc, xmp
from imgflow.metadata.groups import Groups
from imgflow.metadata.rights import Rights, read_rights

if TYPE_CHECKING:
    from collections.abc import Collection

#: Tags that would lie after colours were converted or the picture was resized.
_STALE = {
    0x0100,  # ImageWidth
    0x0101,  # ImageLength
    0xA001,  # ColorSpace
    0xA002,  # PixelXDimension
    0xA003,  # PixelYDimension
    exif.INTEROP_IFD,
}


def select(
    groups: Groups, keep: Collection[str], orientation: int, writable: Collection[str]
) -> Groups:
    """Return the metadata to write.

    ``keep`` names groups as :func:`imgflow.metadata.parse_policy` does, ``writable`` those
    that the format can hold. ``orientation`` is the one that the pixels still have, 1 to 8:
    it is written whatever is kept, because the picture would turn without it.
    """
    rights = read_rights(groups) if "copyright" in keep else Rights()
    kept_exif = _exif(groups.exif, keep, orientation, rights) if "exif" in writable else b""
    kept_xmp = _xmp(groups.xmp, keep, rights, kept_exif) if "xmp" in writable else b""
    iim = "iptc" in keep and "iptc" in writable
    return Groups(kept_exif, kept_xmp, iptc.records(groups.iptc) if iim else b"")


def _exif(block: bytes, keep: Collection[str], orientation: int, rights: Rights) -> bytes:
    """Edit what is there if groups of it are kept, else build anew."""

    def keeps(directory: int, tag: int) -> bool:
        if directory == exif.GPS_IFD or (directory, tag) == (0, exif.GPS_IFD):
            return "gps" in keep
        if (directory, tag) == (0, exif.ORIENTATION):
            return orientation != 1
        if directory == 0 and tag in {exif.COPYRIGHT, exif.ARTIST}:
            return "exif" in keep or "copyright" in keep
        return "exif" in keep and tag not in _STALE

    if block and ("exif" in keep or "gps" in keep):
        edited = exif.without(block, keeps)
        if edited:
            return edited
    tags: dict[int, bytes | int] = {}
    if rights.copyright:
        tags[exif.COPYRIGHT] = rights.copyright.encode()
    if rights.artist:
        tags[exif.ARTIST] = rights.artist.encode()
    if orientation != 1:
        tags[exif.ORIENTATION] = orientation
    return exif.build(tags)


def _xmp(packet: bytes, keep: Collection[str], rights: Rights, kept_exif: bytes) -> bytes:
    """Keep the packet; or build one where EXIF has no room for what must be said."""
    if packet and "xmp" in keep:
        kept = xmp.without_private(packet, position="gps" in keep)
        if kept:
            return kept
    untold = (rights.copyright and not exif.read_tag(kept_exif, exif.COPYRIGHT)) or (
        rights.artist and not exif.read_tag(kept_exif, exif.ARTIST)
    )
    return xmp.build(rights) if rights.credit or untold else b""
