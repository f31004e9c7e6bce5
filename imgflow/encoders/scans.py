"""The coefficients of a JPEG in other scans: mozjpeg's search for the smallest, without loss."""

from __future__ import annotations

from imgflow.encoders.optional import load

#: The package, as it is named in the index.
PACKAGE = "mozjpeg-lossless-optimization"
_MODULE = "mozjpeg_lossless_optimization"


def available() -> bool:
    """Tell whether the library is there."""
    return load(_MODULE) is not None


def rescanned(data: bytes) -> bytes:
    """Return a JPEG as a progressive one with the same pixels and markers.

    A file that the library cannot read, and every file where it is missing, stays as it is.
    """
    library = load(_MODULE)
    if library is None:
        return data
    try:
        scanned: bytes = library.optimize(data, copy=library.COPY_MARKERS.ALL)
    except ValueError:
        return data
    return scanned
