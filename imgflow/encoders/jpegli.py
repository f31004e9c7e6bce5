"""jpegli, the encoder of photographs: 8-bit colour sampled at half, in one baseline scan.

It is a young library. Where it is not installed, or fails, JPEGs are made by libvips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers.jpeg import with_profile
from imgflow.encoders.optional import load
from imgflow.frames import MEMORY_COPY_BYTES
from imgflow.profiles import embedded_profile

if TYPE_CHECKING:
    from pyvips import Image

#: The package, as it is named in the index.
PACKAGE = "pyjpegli"
_MODULE = "pyjpegli"
_KEEP_PROFILE = 8
_RGB = 3
_COLOURS = frozenset({"srgb", "rgb", "rgb16"})


def available() -> bool:
    """Tell whether the library is there."""
    return load(_MODULE) is not None


def suits(image: Image) -> bool:
    """Tell whether it can encode the image: RGB, and small enough to be held in memory."""
    return (
        image.bands == _RGB
        and image.interpretation in _COLOURS
        and image.width * image.height * _RGB <= MEMORY_COPY_BYTES
    )


def encode(image: Image, quality: int, keep: int) -> bytes | None:
    """Return a baseline file in 4:2:0, None where jpegli is missing or fails.

    The image has to suit, and is read once here: whoever falls back has to have it in memory.
    """
    library = load(_MODULE)
    if library is None:
        return None
    pixels = image.colourspace("srgb").cast("uchar").write_to_memory()
    try:
        data: bytes = library.encode(pixels, image.width, image.height, quality)
    except Exception:  # noqa: BLE001 - whatever it fails of, libvips makes the file
        return None
    profile = embedded_profile(image) if keep & _KEEP_PROFILE else b""
    return with_profile(data, profile) if profile else data
