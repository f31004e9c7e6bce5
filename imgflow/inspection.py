"""What a file is, told from its header: nothing is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgflow import foreign
from imgflow.geometry import Size
from imgflow.image import frame_count, identify, load, orientation_of
from imgflow.libvips import header_field
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.metadata import Groups, exif, read_groups, read_rights, tiff, xmp
from imgflow.profiles import embedded_profile, profile_name

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.source import Source

#: EXIF orientations that swap width and height.
_TURNED = (5, 6, 7, 8)
_SPACES = {"srgb": "rgb", "rgb16": "rgb", "b-w": "gray", "grey16": "gray"}
_SAMPLE_BITS = {"uchar": 8, "ushort": 16, "float": 32}
#: Pillow mode -> colours, channels, alpha and bits a channel.
_MODES = {
    "1": ("gray", 1, False, 1),
    "L": ("gray", 1, False, 8),
    "LA": ("gray", 2, True, 8),
    "P": ("palette", 1, False, 8),
    "PA": ("palette", 2, True, 8),
    "RGBA": ("rgb", 4, True, 8),
    "CMYK": ("cmyk", 4, False, 8),
    "I": ("gray", 1, False, 16),
    "I;16": ("gray", 1, False, 16),
    "I;16B": ("gray", 1, False, 16),
}
_OTHERWISE = ("rgb", 3, False, 8)


class ImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What an image file is.

    ``width`` and ``height`` are those of one frame after the EXIF orientation is applied,
    the stored ones before. ``delays`` are milliseconds, one a frame; ``loop`` 0 is for ever.
    ``bits`` are those of a channel. ``profile`` is the name inside the colour profile.
    ``metadata`` gives the bytes of each group that is there, the colour profile as ``icc``.
    """

    name: str
    format: str
    bytes: int
    width: int
    height: int
    stored_width: int
    stored_height: int
    orientation: int = 1
    frames: int = 1
    delays: tuple[int, ...] = ()
    loop: int = 0
    pages: int = 1
    progressive: bool = False
    colours: str = "rgb"
    channels: int = 3
    alpha: bool = False
    bits: int = 8
    profile: str = ""
    metadata: dict[str, int] = {}
    copyright: str = ""
    artist: str = ""
    credit: str = ""
    has_position: bool = False


def inspect(source: Source, limits: Limits = DEFAULT_LIMITS) -> ImageInfo:
    """Tell what a file is; raises SourceError for what is no image, or may not be opened.

    An image of too many pixels is told like any other: nothing of it is decoded.
    """
    kind = identify(source, limits)
    if kind in foreign.FORMATS:
        return _inspect_foreign(source, kind)
    image = load(source, kind)
    if kind == "tiff":
        image = tiff.with_rights(image, source)
    frames = frame_count(image, kind)
    orientation = orientation_of(image)
    stored = Size(image.width, image.height)
    sizes = _sizes(stored, Size(*reversed(stored)) if orientation in _TURNED else stored)
    timing: dict[str, Any] = {
        "delays": tuple(header_field(image, "delay", ())),
        "loop": int(header_field(image, "loop", 0)),
    }
    return ImageInfo(
        name=source.name,
        format=kind,
        bytes=source.size,
        orientation=orientation,
        frames=frames,
        pages=int(header_field(image, "n-pages", 1)),
        progressive=bool(image.get_typeof("interlaced") or image.get_typeof("jpeg-multiscan")),
        colours=_colours(image),
        channels=image.bands,
        alpha=bool(image.hasalpha()),
        bits=int(header_field(image, "bits-per-sample", _SAMPLE_BITS.get(str(image.format), 8))),
        **sizes,
        **(timing if frames > 1 else {}),
        **_told(read_groups(image), embedded_profile(image)),
    )


def _sizes(stored: Size, upright: Size) -> dict[str, Any]:
    return {
        "width": upright.width,
        "height": upright.height,
        "stored_width": stored.width,
        "stored_height": stored.height,
    }


def _colours(image: Image) -> str:
    if image.get_typeof("palette"):
        return "palette"
    return _SPACES.get(str(image.interpretation), str(image.interpretation))


def _told(groups: Groups, profile: bytes) -> dict[str, Any]:
    """Return what metadata and profile tell, as fields of an :class:`ImageInfo`."""
    blocks = {**groups._asdict(), "icc": profile}
    return {
        "metadata": {name: len(block) for name, block in blocks.items() if block},
        "has_position": exif.has_position(groups.exif) or xmp.has_position(groups.xmp),
        "profile": profile_name(profile),
        **read_rights(groups)._asdict(),
    }


def _inspect_foreign(source: Source, kind: str) -> ImageInfo:
    """Ask Pillow, which reads the header on opening."""
    picture = foreign.read_header(source, kind)
    colours, channels, alpha, bits = _MODES.get(picture.mode, _OTHERWISE)
    stored = Size(*picture.size)
    return ImageInfo(
        name=source.name,
        format=kind,
        bytes=source.size,
        colours=colours,
        channels=channels,
        alpha=alpha,
        bits=bits,
        **_sizes(stored, stored),
        **_told(Groups(), picture.info.get("icc_profile") or b""),
    )
