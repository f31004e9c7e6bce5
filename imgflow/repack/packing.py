"""The packers, one for each format that has one, and how often they are worth calling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imgflow.containers import MalformedError
from imgflow.encoders.optional import version_of
from imgflow.encoders.oxipng import PACKAGE as OXIPNG
from imgflow.encoders.scans import PACKAGE as SCANS
from imgflow.encoders.scans import rescanned
from imgflow.repack import gif, png, webp
from imgflow.repack.pixels import shows

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyvips import Image

    from imgflow.repack.thrift import Effort


class Packer(NamedTuple):
    """``pack`` returns a file in fewer bytes, or the same one.

    ``rounds`` is 1 where what it returns depends on the pixels (in JPEG, the coefficients)
    alone: it cannot gain on its own work. Others are called until they gain nothing, so that
    a second run finds nothing to do.
    """

    pack: Callable[[bytes, Effort], bytes]
    rounds: int = 1


def _rescan(data: bytes, effort: Effort) -> bytes:  # noqa: ARG001 - there is but one
    return rescanned(data)


PACKERS: dict[str, Packer] = {
    "gif": Packer(gif.pack, 8),
    "jpeg": Packer(_rescan),
    "png": Packer(png.pack, 8),
    "webp": Packer(webp.pack),
}


def repack(data: bytes, kind: str, effort: Effort, pixels: Image) -> bytes:
    """Return the smallest file found that shows ``pixels``, as ``data`` does.

    It is ``data`` itself where there is none, or where it cannot be proved.
    """
    packer = PACKERS.get(kind)
    if packer is None:
        return data
    best = data
    for _ in range(packer.rounds):
        try:
            packed = packer.pack(best, effort)
        except MalformedError:
            break
        if len(packed) >= len(best):
            break
        best = packed
    return best if best is data or shows(best, kind, pixels) else data


def versions() -> tuple[str, ...]:
    """Return the versions of the software that repacks, beside libvips."""
    return version_of(SCANS), version_of(OXIPNG)
