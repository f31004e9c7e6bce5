"""PNG, by oxipng: other filters, fewer bits where they say the same, better deflate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers.png import has_profile, is_animated
from imgflow.encoders.optional import load

if TYPE_CHECKING:
    from imgflow.repack.thrift import Effort

PACKAGE = "pyoxipng"
_MODULE = "oxipng"
#: oxipng's level, and libdeflate's. Level 2 is within 1 % of 4 in a third of the time.
_LEVELS: dict[Effort, tuple[int, int]] = {"balanced": (2, 12), "max": (4, 12)}
#: oxipng takes 14 bytes of memory a pixel, and a second for a million.
_MOST_PIXELS = 40_000_000


def pack(data: bytes, effort: Effort) -> bytes:
    """Return a PNG with all its chunks; animations and files it cannot read stay as they are.

    A picture with a profile of colours is not made gray, which the profile would not fit.
    """
    library = load(_MODULE)
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if library is None or is_animated(data) or width * height > _MOST_PIXELS:
        return data
    level, deflate = _LEVELS[effort]
    try:
        packed: bytes = library.optimize_from_memory(
            data,
            level=level,
            deflate=library.Deflaters.libdeflater(deflate),
            interlace=None,
            strip=library.StripChunks.none(),
            grayscale_reduction=not has_profile(data),
        )
    except library.PngError:
        return data
    return packed
