"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

#: How many bytes :func:`sniff` needs to see.
SNIFF_BYTES = 64

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"8BPS", "psd"),
    (b"qoif", "qoi"),
    (b"BM", "bmp"),
    (b"icns", "icns"),
    (b"DDS ", "dds"),
    (b"\x0a\x05\x01\x08", "pcx"),
    (b"\x01\xda", "sgi"),
    (b"%PDF", "pdf"),
    (b"\xb6\xa6\xf2\x08", "vips"),
    (b"\x08\xf2\xa6\xb6", "vips"),
)
_HEIF_BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"hevc": "heic"}
_GENERIC_BRANDS = (b"mif1", b"msf1")
_ICONS = {b"\x00\x00\x01\x00": "ico", b"\x00\x00\x02\x00": "cur"}
_TGA_TYPES = (1, 2, 3, 9, 10, 11)


def sniff(head: bytes) -> str | None:
    """Return the format of a file from its first bytes, or None if they say nothing.

    The answer may be a format that imgflow does not read (``pdf``, ``vips``): the caller
    decides, and can name what it found.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _sniff_heif(head)
    if head[:4] in _ICONS and head[4:6] > b"\x00\x00":
        return _ICONS[head[:4]]
    return _sniff_loosely(head)


def _sniff_loosely(head: bytes) -> str | None:
    """Recognise formats whose first bytes are text, or that have no magic number at all."""
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3].isspace():
        return "ppm"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return "svg"
    return "tga" if _looks_like_tga(head) else None


def _sniff_heif(head: bytes) -> str | None:
    """Read the brands of an ISO media file; a generic one defers to the compatible brands."""
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))]
    if brands[0] in _HEIF_BRANDS:
        return _HEIF_BRANDS[brands[0]]
    if brands[0] in _GENERIC_BRANDS:
        known = [_HEIF_BRANDS[brand] for brand in brands if brand in _HEIF_BRANDS]
        return known[0] if known else "heic"
    return None


def _looks_like_tga(head: bytes) -> bool:
    """TGA has no magic number: check that every field of its header makes sense."""
    if len(head) < 18:  # noqa: PLR2004
        return False
    colour_map, kind, depth = head[1], head[2], head[16]
    size = int.from_bytes(head[12:14], "little") * int.from_bytes(head[14:16], "little")
    return (
        colour_map in (0, 1)
        and kind in _TGA_TYPES
        and depth in (8, 15, 16, 24, 32)
        and (colour_map == 1) == (kind in (1, 9))
        and size > 0
        and head[17] & 0xC0 == 0
    )
