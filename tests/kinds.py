"""One small picture of every kind that users have, as files and as opened pictures."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from samples import cameraman, coffee, encoded, with_alpha

from imgflow.image import open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS
from imgflow.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imgflow.frames import Picture
    from imgflow.geometry import Size

#: Upright size of all kinds but those that are named after their size.
WIDTH, HEIGHT = 60, 40
ORIENTATION_TAG = 0x0112
ANIMATED = ("gif-animated", "gif-animated-alpha", "webp-animated", "webp-animated-alpha")
SIXTEEN_BITS = ("png-16", "png-16-alpha", "png-gray-16", "tiff-16")
GRAY = ("jpeg-gray", "png-gray", "png-gray-16", "png-gray-alpha", "png-1-bit", "tiff-gray")
#: Pillow's names of the transpositions that undo orientations 1 to 8.
_STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def small(pixels: NDArray[np.uint8], width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Return a photograph as a small Pillow image."""
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)


def photo() -> Image.Image:
    """Return the RGB photograph that most kinds show."""
    return small(coffee())


def translucent() -> Image.Image:
    """Return the photograph fading out towards its border."""
    return Image.fromarray(with_alpha(np.asarray(photo())))


def _frames(image: Image.Image) -> dict[str, Any]:
    """Return Pillow's options for three frames that differ, with delays and a loop count."""
    rest = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), image.rotate(180)]
    return {"save_all": True, "append_images": rest, "duration": [50, 100, 150], "loop": 3}


def _oriented(orientation: int) -> bytes:
    image = photo()
    if orientation in _STORED_AS:
        image = image.transpose(_STORED_AS[orientation])
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return encoded(image, "JPEG", quality=95, exif=exif)


def _deep(image: Image.Image, suffix: str) -> bytes:
    """Return 16 bits a channel, which Pillow does not write."""
    pixels = np.asarray(image).astype(np.uint16) * 257
    deep = libvips().Image.new_from_array(pixels)
    file: bytes = deep.copy(interpretation="rgb16").write_to_buffer(suffix)
    return file


def _display_p3() -> bytes:
    image = libvips().Image.new_from_array(np.asarray(photo())).copy(interpretation="srgb")
    wide = image.icc_transform("p3", input_profile="srgb", intent="relative")
    file: bytes = wide.write_to_buffer(".jpg", Q=95)
    return file


def _animation(name: str) -> bytes:
    image = translucent() if name.endswith("alpha") else photo()
    fmt = name.split("-", maxsplit=1)[0].upper()
    return encoded(image, fmt, **_frames(image))


MAKERS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(photo(), "JPEG", quality=95),
    "jpeg-gray": lambda: encoded(small(cameraman()), "JPEG", quality=95),
    "jpeg-cmyk": lambda: encoded(photo().convert("CMYK"), "JPEG", quality=95),
    "jpeg-display-p3": _display_p3,
    "png": lambda: encoded(photo()),
    "png-alpha": lambda: encoded(translucent()),
    "png-palette": lambda: encoded(photo().quantize(64)),
    "png-palette-alpha": lambda: encoded(translucent().quantize(64)),
    "png-gray": lambda: encoded(small(cameraman())),
    "png-gray-alpha": lambda: encoded(translucent().convert("LA")),
    "png-gray-16": lambda: encoded(np.asarray(small(cameraman())).astype(np.uint16) * 257),
    "png-16": lambda: _deep(photo(), ".png"),
    "png-16-alpha": lambda: _deep(translucent(), ".png"),
    "png-1-bit": lambda: encoded(small(cameraman()).convert("1")),
    "gif": lambda: encoded(photo(), "GIF"),
    "gif-alpha": lambda: encoded(translucent(), "GIF"),
    "tiff": lambda: encoded(photo(), "TIFF"),
    "tiff-gray": lambda: encoded(small(cameraman()), "TIFF"),
    "tiff-cmyk": lambda: encoded(photo().convert("CMYK"), "TIFF"),
    "tiff-16": lambda: _deep(photo(), ".tif"),
    "webp": lambda: encoded(photo(), "WEBP", quality=95),
    "webp-alpha": lambda: encoded(translucent(), "WEBP", lossless=True),
    "avif": lambda: encoded(photo(), "AVIF", quality=95),
    "avif-alpha": lambda: encoded(translucent(), "AVIF", quality=95),
    "bmp": lambda: encoded(photo(), "BMP"),
    "1x1": lambda: encoded(small(coffee(), 1, 1)),
    "1x5000": lambda: encoded(small(coffee(), 1, 5000)),
    "5000x1": lambda: encoded(small(coffee(), 5000, 1)),
    **{name: functools.partial(_animation, name) for name in ANIMATED},
    **{f"exif-{number}": functools.partial(_oriented, number) for number in range(1, 9)},
}


@functools.cache
def kind_file(kind: str) -> bytes:
    """Return the file of a kind."""
    return MAKERS[kind]()


def kind_picture(kind: str, shrink: Callable[[Size], float] | None = None) -> Picture:
    """Open the file of a kind, at a fraction of its size if ``shrink`` allows it."""
    return open_picture(Source(kind, data=kind_file(kind)), DEFAULT_LIMITS, shrink=shrink)


def opened(file: bytes) -> Picture:
    """Open any file as a picture."""
    return open_picture(Source("test", data=file), DEFAULT_LIMITS)


def pixels_of(picture: Picture) -> NDArray[Any]:
    """Return the pixels of all frames, one below the other, in sRGB or gray as they are.

    libvips computes them here; what they must be, a test asks of Pillow or NumPy.
    """
    pixels: NDArray[Any] = picture.srgb().image.numpy()
    return pixels


@functools.cache
def coffee_file() -> bytes:
    """Return the photograph of a cup of coffee as PNG, 600x400."""
    return encoded(coffee(), compress_level=1)
