"""Open, encode, and hand back what Pillow makes of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageCms

from imgflow.encoders import parse_encoder
from imgflow.finish import Encoded, encode
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.source import Source

if TYPE_CHECKING:
    from imgflow.profiles import ProfilePolicy


def finished(  # noqa: PLR0913
    file: bytes,
    options: dict[str, Any],
    metadata: Any = None,
    profile: ProfilePolicy = "srgb",
    *,
    untouched: bool = False,
    orient: bool = True,
) -> Encoded:
    """Encode a file anew; ``untouched`` lets the source's own bytes win."""
    source = Source("in", data=file)
    picture = open_picture(source, DEFAULT_LIMITS, orient=orient)
    encoder = parse_encoder(options)
    return encode(picture, encoder, metadata, profile, source if untouched else None)


def opened(file: bytes) -> Image.Image:
    """Open a file with Pillow and decode it."""
    image = Image.open(io.BytesIO(file))
    image.load()
    return image


def profile_of(name: str) -> bytes:
    """Return a colour profile: ``sRGB`` made by LittleCMS, the others by hand from primaries."""
    if name == "sRGB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green, blue, gamma = _SPACES[name]
    return _matrix_profile(name, (red, green, blue), gamma)


#: Colorants relative to D50, as the ICC profiles of these spaces hold them, and gamma.
_SPACES = {
    "Display P3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189),
                   (0.15710, 0.06657, 0.78407), 2.2),
    "Adobe RGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087),
                  (0.14919, 0.06322, 0.74457), 2.19921875),
}  # fmt: skip


def _matrix_profile(name: str, colorants: tuple[tuple[float, ...], ...], gamma: float) -> bytes:
    """Lay out a display profile of three colorants and a gamma (ICC.1:2001-04, section 6)."""

    def xyz(values: tuple[float, ...]) -> bytes:
        numbers = (round(value * 65536).to_bytes(4, "big", signed=True) for value in values)
        return b"XYZ \0\0\0\0" + b"".join(numbers)

    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + len(text).to_bytes(4, "big") + text + bytes(78)
    description += bytes(-len(description) % 4)
    curve = b"curv\0\0\0\0\0\0\0\1" + round(gamma * 256).to_bytes(2, "big") + b"\0\0"
    tags = [(b"desc", description), (b"cprt", b"text\0\0\0\0CC0\0"), (b"wtpt", xyz(_D50))]
    for channel, values in zip("rgb", colorants, strict=True):
        tags += [(f"{channel}XYZ".encode(), xyz(values)), (f"{channel}TRC".encode(), curve)]
    start = 128 + 4 + 12 * len(tags)
    table, body = len(tags).to_bytes(4, "big"), b""
    for signature, data in tags:
        where = (start + len(body)).to_bytes(4, "big")
        table += signature + where + len(data).to_bytes(4, "big")
        body += data
    header = bytearray(128)
    header[0:4] = (start + len(body)).to_bytes(4, "big")
    header[8:12] = b"\x02\x10\0\0"
    header[12:24] = b"mntrRGB XYZ "
    header[36:40] = b"acsp"
    header[68:80] = xyz(_D50)[8:]
    return bytes(header) + table + body


_D50 = (0.9642, 1.0, 0.8249)
