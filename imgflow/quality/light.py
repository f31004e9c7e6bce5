"""A picture as the metric sees it: codes of sRGB, opaque, and the light they stand for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from imgflow.profiles import is_gray, to_srgb
from imgflow.quality.opsin import linear, linear_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyvips import Image

    Singles = NDArray[np.float32]
    Codes = NDArray[np.uint8] | NDArray[np.uint16]

_BYTE = 256


class Light(NamedTuple):
    """Codes of shape (height, width, 3), and the linear light of each."""

    codes: Codes
    table: Singles

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.codes.shape[0])

    @property
    def width(self) -> int:
        """Pixels of a row."""
        return int(self.codes.shape[1])

    def rows(self, start: int, stop: int) -> Singles:
        """Return the light of some rows, of shape (3, rows, width)."""
        codes = self.codes[start:stop]
        out = np.empty((3, *codes.shape[:2]), np.float32)
        for channel in range(3):
            np.take(self.table, codes[:, :, channel], out=out[channel], mode="clip")
        return out


class Pixels(NamedTuple):
    """Samples of shape (height, width, 3), and opacity of shape (height, width) if there is any."""

    colours: Codes
    opacity: Codes | None

    def before(self, background: float) -> Light:
        """Return the light before a gray background, its shade 0 to 1 as sRGB; mixed as sRGB."""
        top = int(np.iinfo(self.colours.dtype).max)
        if self.opacity is None:
            return Light(self.colours, linear_table(top + 1))
        if top < _BYTE:
            codes = self.opacity[:, :, None].astype(np.uint16) * _BYTE
            return Light(codes + self.colours, _mixed_table(background))
        opacity = self.opacity[:, :, None].astype(np.float32) / top
        mixed = self.colours * opacity + (1 - opacity) * np.float32(background * top)
        return Light(np.rint(mixed).astype(np.uint16), linear_table(top + 1))


@functools.cache
def _mixed_table(background: float) -> Singles:
    """Return the light of every colour of 8 bits at every opacity, 256 codes each."""
    share = np.arange(_BYTE, dtype=np.float32) * np.float32(1 / 255)
    opacity, colour = share[:, None], share[None, :]
    mixed = opacity * colour + (np.float32(1) - opacity) * np.float32(background)
    return linear(mixed.reshape(-1))


def read_pixels(image: Image) -> Pixels:
    """Compute the pixels of an image, as sRGB or gray of 8 or 16 bits a channel."""
    image = to_srgb(image)
    if image.format not in ("uchar", "ushort"):
        image = image.colourspace("b-w" if is_gray(image) else "srgb")
    samples: NDArray[Any] = np.asarray(image)
    samples = samples.reshape(image.height, image.width, image.bands)
    opacity = samples[:, :, -1] if image.hasalpha() else None
    colours = samples[:, :, : image.bands - (opacity is not None)]
    if colours.shape[2] == 1:
        colours = np.broadcast_to(colours, (*colours.shape[:2], 3))
    return Pixels(colours, opacity)
