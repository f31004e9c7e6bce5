"""Enlarge pixels with a true Lanczos3.

libvips enlarges with a bicubic interpolator, half a pixel off. Pillow convolves with the
Lanczos kernel itself; it is given the picture in strips, so that memory stays bounded.
"""

from __future__ import annotations

import math
import mmap
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from imgflow.frames import MEMORY_COPY_BYTES
from imgflow.libvips import libvips

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as PillowImage
    from pyvips import Image

    from imgflow.geometry import Size

#: Rows that Lanczos3 reads above and below the one it computes.
_REACH = 4
_STRIP_BYTES = 4_000_000
_FEWEST_ROWS = 16
#: Pillow's names for 8-bit pixels that it keeps together, by number of channels.
_PACKED = {1: "L", 3: "RGB", 4: "CMYK"}
_SAMPLE_BYTES = {"uchar": 1, "ushort": 2, "float": 4}


class Strip(NamedTuple):
    """Rows ``top`` to ``bottom`` of the result, and the rows of the source they depend on.

    ``upper`` and ``lower`` say which part of those source rows the strip covers.
    """

    top: int
    bottom: int
    first: int
    last: int
    upper: float
    lower: float


def enlarge(image: Image, size: Size) -> Image:
    """Return an image computed at ``size``, no side of which may be shorter than it was.

    The image is 8-bit, 16-bit or float and readable in any order; metadata are kept.
    """
    row_bytes = size.width * image.bands * _SAMPLE_BYTES[str(image.format)]
    pixels = _buffer(row_bytes * size.height)
    for strip in strips(image.height, size.height, max(_FEWEST_ROWS, _STRIP_BYTES // row_bytes)):
        rows = image.crop(0, strip.first, image.width, strip.last - strip.first)
        packed = image.format == "uchar" and image.bands in _PACKED
        data = (_packed_strip if packed else _planar_strip)(rows, size.width, strip)
        pixels[strip.top * row_bytes : strip.bottom * row_bytes] = data
    enlarged = libvips().Image.new_from_memory(pixels, *size, image.bands, image.format)
    carrier = image.crop(0, 0, 1, 1).embed(0, 0, *size, extend="copy")
    result: Image = carrier.insert(enlarged, 0, 0)
    return result


def strips(source_rows: int, rows: int, strip_rows: int) -> Iterator[Strip]:
    """Yield the strips that ``rows`` of a result are computed in, from top to bottom."""
    step = source_rows / rows
    for top in range(0, rows, strip_rows):
        bottom = min(top + strip_rows, rows)
        first = max(0, math.floor(top * step) - _REACH)
        last = min(source_rows, math.ceil(bottom * step) + _REACH)
        lower = min(bottom * step, source_rows) - first
        yield Strip(top, bottom, first, last, top * step - first, lower)


def _packed_strip(rows: Image, width: int, strip: Strip) -> bytes:
    from PIL import Image as pillow  # noqa: N813

    mode = _PACKED[rows.bands]
    source = pillow.frombuffer(
        mode, (rows.width, rows.height), rows.write_to_memory(), "raw", mode, 0, 1
    )
    return _lanczos(source, width, strip).tobytes()


def _planar_strip(rows: Image, width: int, strip: Strip) -> bytes:
    """One channel after the other, in floating point: 16 bits stay 16 bits."""
    from PIL import Image as pillow  # noqa: N813

    new_from_memory = libvips().Image.new_from_memory
    planes = []
    for band in rows.bandsplit():
        data = band.cast("float").write_to_memory()
        source = pillow.frombuffer("F", (rows.width, rows.height), data, "raw", "F", 0, 1)
        plane = _lanczos(source, width, strip)
        planes.append(new_from_memory(plane.tobytes(), *plane.size, 1, "float"))
    joined = planes[0].bandjoin(planes[1:]) if len(planes) > 1 else planes[0]
    whole = joined if rows.format == "float" else joined.rint().cast(rows.format)
    data = whole.write_to_memory()
    return bytes(data)


def _lanczos(source: PillowImage, width: int, strip: Strip) -> PillowImage:
    """Horizontally first, whatever the strip, so that strips meet without a seam."""
    from PIL.Image import Resampling

    if source.width != width:
        source = source.resize((width, source.height), Resampling.LANCZOS)
    part = (0, strip.upper, width, strip.lower)
    return source.resize((width, strip.bottom - strip.top), Resampling.LANCZOS, box=part)


def _buffer(length: int) -> bytearray | mmap.mmap:
    """Return memory for the result; a lot of it is backed by a temporary file."""
    if length <= MEMORY_COPY_BYTES:
        return bytearray(length)
    with tempfile.TemporaryFile() as file:
        file.truncate(length)
        return mmap.mmap(file.fileno(), length)
