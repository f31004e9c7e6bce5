"""The pixels of a PNG in fewer bytes: oxipng's search for row filters, types and deflate.

The library's threads do not survive a fork, and it keeps the interpreter's lock while it works.
"""

from __future__ import annotations

from imgflow.containers.png import has_profile
from imgflow.encoders.optional import load

#: The package, as it is named in the index.
PACKAGE = "pyoxipng"
_MODULE = "oxipng"
#: Above this it takes too much: 14 bytes of memory a pixel, and a second for a million.
MOST_PIXELS = 40_000_000
#: libdeflate's best; oxipng's own levels stop short of it, at 2 % of the bytes of drawings.
BEST_DEFLATE = 12


def available() -> bool:
    """Tell whether the library is there."""
    return load(_MODULE) is not None


def packed(  # noqa: PLR0913
    data: bytes,
    level: int,
    *,
    deflate: int | None = None,
    zopfli: int | None = None,
    same_depth: bool = False,
    same_type: bool = False,
) -> bytes | None:
    """Return a PNG with the same pixels and chunks; None where the library cannot make it.

    ``level`` is oxipng's own, 0 to 6; ``deflate``, 0 to 12, is libdeflate's where it differs from
    what that level has; ``zopfli`` a number of rounds of zopfli instead.
    ``same_depth`` and ``same_type`` keep the bits of a sample, and palette, gray or alpha, as
    they are. Colours of transparent pixels stay, and so does a profile: a picture that has one
    is not made gray. Raises MalformedError for what is no PNG.
    """
    library = load(_MODULE)
    if library is None:
        return None
    options = {}
    if zopfli is not None:
        options["deflate"] = library.Deflaters.zopfli(zopfli)
    elif deflate is not None:
        options["deflate"] = library.Deflaters.libdeflater(deflate)
    try:
        smaller: bytes = library.optimize_from_memory(
            data,
            level=level,
            interlace=None,
            strip=library.StripChunks.none(),
            optimize_alpha=False,
            bit_depth_reduction=not same_depth,
            color_type_reduction=not same_type,
            palette_reduction=not same_type,
            grayscale_reduction=not same_type and not has_profile(data),
            **options,
        )
    except library.PngError:
        return None
    return smaller
