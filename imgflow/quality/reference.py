"""SSIMULACRA2 2.1: how close a picture looks to another, as a number up to 100.

The metric is Jon Sneyers' (Cloudinary, 2023), specified by its implementation in libjxl,
``tools/ssimulacra2.cc``. Up to four megapixels and a score of 95 this one agrees with that
program, run on a processor with fused multiply-add, within 0.05 points. Above, errors of
rounding that the program makes at the finest scale cost it up to 0.4 points; they are not made
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgflow.errors import OperationError, UsageError
from imgflow.quality.light import read_pixels
from imgflow.quality.view import View
from imgflow.quality.weights import LEAST_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyvips import Image

    from imgflow.quality.light import Pixels

#: Shades of gray before which a picture with transparent parts is judged; the worse one counts.
_DARK, _BRIGHT = 0.1, 0.9
#: The shade before which a picture with transparent parts is put if the reference has none.
_MIDDLE = 0.5


class Reference:
    """A picture that others are compared with; what is computed of it is kept.

    That is 22 bytes a pixel, twice as many for a picture with opacity; while another picture
    is compared, 15 more are in use.
    """

    def __init__(self, image: Image, name: str = "the reference") -> None:
        """Look at an image of one frame, whose name is for messages.

        Raises OperationError for one smaller than 8x8.
        """
        self.name, self.width, self.height = name, image.width, image.height
        if min(self.width, self.height) < LEAST_SIDE:
            message = (
                f"{name}: expected at least {LEAST_SIDE}x{LEAST_SIDE} pixels, below which "
                f"pictures cannot be compared, found {self.width}x{self.height}"
            )
            raise OperationError(message, code="too-small-to-compare")
        pixels = read_pixels(image)
        shades = (_MIDDLE,) if pixels.opacity is None else (_DARK, _BRIGHT)
        self._views = [View(pixels, shade) for shade in shades]

    @property
    def features(self) -> tuple[float, ...]:
        """What tells how hard it is to compress, of fixed length."""
        return self._views[0].features

    def score(self, image: Image) -> float:
        """Return how close an image of the same size looks: 100 is identical, 90 very close.

        There is no lower bound. A pair always has the same score, on any machine but for the
        last digits. Raises UsageError for another size.
        """
        pixels = self._read(image)
        return min(view.score(pixels) for view in self._views)

    def errors(self, image: Image) -> NDArray[np.float32]:
        """Return where an image of the same size differs, of shape (height, width).

        That is the dissimilarity of structure, 0 to about 1: the largest of the channels, and
        the mean of the scales. Raises UsageError for another size.
        """
        pixels = self._read(image)
        worst: NDArray[np.float32] = np.maximum.reduce(
            [view.errors(pixels) for view in self._views]
        )
        return worst

    def _read(self, image: Image) -> Pixels:
        if (image.width, image.height) != (self.width, self.height):
            message = (
                f"expected {self.width}x{self.height} pixels, as {self.name} has, "
                f"found {image.width}x{image.height}; resize one of them first"
            )
            raise UsageError(message, code="sizes-differ")
        return read_pixels(image)
