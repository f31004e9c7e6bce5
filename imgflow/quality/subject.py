"""A picture that is being encoded: its pixels, its nature, and the judge of its copies."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

from imgflow.frames import settle
from imgflow.libvips import libvips
from imgflow.profiles import to_srgb

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.quality.reference import Reference

#: Of an animation, so many frames are judged, evenly spread.
_JUDGED_FRAMES = 5
#: Below this many pixels a side the metric has fewer scales than those it was tuned for, and its
#: scores mean nothing: a thumbnail at JPEG quality 5 would have 80. Smaller pictures are judged
#: on a canvas of this side, mirrored at their edges; scores are then as those of larger ones.
_LEAST_CANVAS = 160


class Subject:
    """Frames as they are handed to an encoder, and what can be known of them once.

    The reference of the metric is computed with the first score.
    """

    def __init__(self, image: Image, frames: int = 1) -> None:
        """Compute the pixels of frames that lie one below the other."""
        self.image = settle(image)
        self.frames = frames
        self.width, self.height = image.width, image.height // frames

    @functools.cached_property
    def references(self) -> tuple[tuple[int, Reference], ...]:
        """The frames that are judged, by number."""
        from imgflow.quality.reference import Reference

        last, count = self.frames - 1, min(self.frames, _JUDGED_FRAMES)
        numbers = sorted({round(at * last / max(1, count - 1)) for at in range(count)})
        return tuple((at, Reference(self._frame(self.image, at))) for at in numbers)

    @functools.cached_property
    def features(self) -> tuple[float, ...]:
        """What tells how hard it is to compress, the mean of the frames that are judged."""
        each = [reference.features for _, reference in self.references]
        return tuple(math.fsum(values) / len(each) for values in zip(*each, strict=True))

    def score(self, data: bytes) -> float:
        """Return how close a file looks to the picture: the score of its worst frame."""
        options = {"n": -1} if self.frames > 1 else {}
        copy = libvips().Image.new_from_buffer(data, "", **options)
        if self.frames > 1:
            copy = copy.copy_memory()
        return min(reference.score(self._frame(copy, at)) for at, reference in self.references)

    def _frame(self, image: Image, at: int) -> Image:
        if self.frames > 1:
            image = image.crop(0, at * self.height, self.width, self.height)
        image = to_srgb(image)
        if min(self.width, self.height) >= _LEAST_CANVAS:
            return image
        width, height = (max(side, _LEAST_CANVAS) for side in (self.width, self.height))
        canvas: Image = image.copy_memory().embed(0, 0, width, height, extend="mirror")
        return canvas
