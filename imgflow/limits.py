"""What a source may cost before it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import SourceError

if TYPE_CHECKING:
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


#: No trusted format has more channels: CMYK with alpha.
MOST_BANDS = 5

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


def check_bands(name: str, bands: int) -> None:
    """Refuse an image of more channels than any picture has."""
    if bands > MOST_BANDS:
        message = f"{name}: expected at most {MOST_BANDS} channels, found {bands}"
        raise SourceError(message, code="source-too-large")
