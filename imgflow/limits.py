"""What a source may cost before it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import SourceError

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.geometry import Size

MEGA = 1_000_000

#: Names of the libvips loaders that are open by default: each is fuzzed upstream.
TRUSTED_LOADERS = ("avif", "gif", "heic", "jpeg", "jxl", "png", "tiff", "webp")
#: Loaders that stay shut unless they are named: they parse programs, text or raw memory.
UNTRUSTED_LOADERS = ("pdf", "svg")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on one source image, all checked from its header before any decoding.

    ``frame_pixels`` bounds width x height of one frame, ``total_pixels`` that times
    the number of frames; ``source_bytes`` is the size of the file. ``seconds`` and
    ``memory_bytes`` bound one job in a worker process. ``loaders`` names formats that
    may be opened besides the trusted ones.
    """

    frame_pixels: int = 100 * MEGA
    total_pixels: int = 400 * MEGA
    source_bytes: int = 512 * MEGA
    seconds: float = 120.0
    memory_bytes: int = 2_048 * MEGA
    loaders: tuple[str, ...] = ()


#: Interpretations of libvips -> most channels, with one of opacity; three of colour for others.
_MOST_BANDS = {"b-w": 2, "grey16": 2, "cmyk": 5}
_WHOLE = ("uchar", "ushort")
#: In these, whole numbers of any size, and floats, have no white that could be known.
_UNSCALED = ("b-w", "grey16", "srgb", "rgb16", "rgb", "cmyk", "multiband")

DEFAULT_LIMITS = Limits()


def check_pixels(name: str, size: Size, frames: int, limits: Limits) -> None:
    """Refuse an image of too many pixels, in one frame or in all; ``name`` is for the message."""
    pixels = size.width * size.height
    for found, allowed, what, option in (
        (pixels, limits.frame_pixels, "a frame", "--max-megapixels"),
        (pixels * frames, limits.total_pixels, f"in {frames} frames", "--max-total-megapixels"),
    ):
        if found > allowed:
            message = (
                f"{name}: expected at most {allowed / MEGA:g} megapixels {what}, "
                f"found {found / MEGA:.0f} ({size.width}x{size.height}); "
                f"raise the limit with {option} if you trust the file"
            )
            raise SourceError(message, code="source-too-large")


def check_samples(name: str, image: Image) -> None:
    """Refuse channels that make no picture: too many, or numbers of which none is white."""
    most = _MOST_BANDS.get(str(image.interpretation), 4)
    if image.bands > most:
        message = f"{name}: expected at most {most} channels, found {image.bands}"
        raise SourceError(message, code="source-too-large")
    if image.format not in _WHOLE and image.interpretation in _UNSCALED:
        message = (
            f"{name}: expected 8 or 16 bits a channel, found values of type {image.format}, of "
            "which none is known to be white; convert it first"
        )
        raise SourceError(message, code="source-unsupported")
