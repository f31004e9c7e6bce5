"""Rewriting files without decoding them: metadata out, metadata in, pixels as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.containers import gif, jpeg, png, tiff, webp
from imgflow.containers.malformed import MalformedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.metadata import Groups

__all__ = ["REWRITERS", "MalformedError"]

#: Format -> a function of a file, the metadata to put in and whether to keep the colour
#: profile. It returns the file with that metadata and no other, and raises MalformedError where
#: the structure of the file is not understood.
REWRITERS: dict[str, Callable[[bytes, Groups, bool], bytes]] = {
    "gif": gif.rewrite,
    "jpeg": jpeg.rewrite,
    "png": png.rewrite,
    "tiff": tiff.rewrite,
    "webp": webp.rewrite,
}
