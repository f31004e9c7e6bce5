"""Formats that libvips does not read, opened by Pillow as the second decoder."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING

from imgflow.errors import ImgflowError, SourceError
from imgflow.geometry import Size
from imgflow.libvips import libvips
from imgflow.limits import check_pixels
from imgflow.profiles import PROFILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image as PillowImage
    from pyvips import Image

    from imgflow.limits import Limits
    from imgflow.source import Source

#: Our name of a format -> the Pillow plug-in that reads it; no other plug-in is tried.
FORMATS = {
    "bmp": "BMP",
    "cur": "CUR",
    "dds": "DDS",
    "icns": "ICNS",
    "ico": "ICO",
    "jp2": "JPEG2000",
    "pcx": "PCX",
    "ppm": "PPM",
    "psd": "PSD",
    "qoi": "QOI",
    "sgi": "SGI",
    "tga": "TGA",
}
#: Pillow mode that is copied as it is -> (libvips sample format, libvips interpretation).
_MODES = {
    "L": ("uchar", "b-w"),
    "LA": ("uchar", "b-w"),
    "RGB": ("uchar", "srgb"),
    "RGBA": ("uchar", "srgb"),
    "CMYK": ("uchar", "cmyk"),
    "I;16": ("ushort", "grey16"),
}
#: What Pillow calls a block of a file -> what libvips calls it.
_BLOCKS = {"icc_profile": PROFILE, "exif": "exif-data", "xmp": "xmp-data"}


def load(source: Source, kind: str, limits: Limits) -> Image:
    """Decode a file with Pillow into a libvips image.

    The size is checked from the header first. Raises SourceError if it is too large or
    damaged.
    """
    picture = read_header(source, kind)
    check_pixels(source.name, Size(*picture.size), 1, limits)
    with _damage_told(source, kind):
        picture.load()
    return from_pillow(picture)


def read_header(source: Source, kind: str) -> PillowImage.Image:
    """Open a file with the one plug-in that reads its format; pixels come later."""
    from PIL import Image

    with _damage_told(source, kind), warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        file = source.open() if source.parts is not None else io.BytesIO(source.read())
        return Image.open(file, formats=[FORMATS[kind]])


@contextlib.contextmanager
def _damage_told(source: Source, kind: str) -> Iterator[None]:
    """Raise a SourceError for whatever Pillow's plug-ins stumble on."""
    from PIL import Image

    try:
        yield
    except ImgflowError:
        raise
    except Image.DecompressionBombError as error:
        message = f"{source.name}: expected a {kind} image within the limits, found a bomb: {error}"
        raise SourceError(message, code="source-too-large") from error
    except Exception as error:
        message = f"{source.name}: expected a whole {kind} image, found a damaged one: {error}"
        raise SourceError(message, code="source-corrupt") from error


def from_pillow(picture: PillowImage.Image) -> Image:
    """Copy the pixels, the colour profile and the EXIF and XMP blocks of a Pillow image."""
    pyvips = libvips()
    pixels = _plain(picture)
    sample, interpretation = _MODES[pixels.mode]
    bands = len(pixels.getbands())
    raw = pyvips.Image.new_from_memory(pixels.tobytes(), *pixels.size, bands, sample)
    image: Image = raw.copy(interpretation=interpretation)
    for key, field in _BLOCKS.items():
        if block := picture.info.get(key):
            image.set_type(pyvips.GValue.blob_type, field, block)
    return image


def _plain(picture: PillowImage.Image) -> PillowImage.Image:
    """Convert to a mode that libvips has, with an opacity channel only if it is needed."""
    mode = picture.mode
    if mode.startswith("I"):
        return picture if mode == "I;16" else picture.convert("I").convert("I;16")
    if picture.has_transparency_data:
        return picture.convert("LA" if mode in {"L", "LA", "La"} else "RGBA")
    if mode == "1":
        return picture.convert("L")
    return picture if mode in _MODES else picture.convert("RGB")
