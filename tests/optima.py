"""The smallest file of a grid that looks as good as another, and how ours compares with it."""

from __future__ import annotations

import io
import itertools
import math
import statistics
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import samples
from grids import GRIDS, Setting
from PIL import Image

from imgflow.encoders import parse_encoder
from imgflow.finish import encode
from imgflow.image import open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS
from imgflow.quality.reference import Reference
from imgflow.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A file of the grid may score less than ours by this.
SLACK = 0.5
#: Our files may be larger than the smallest of the grid by this factor, on average.
MOST = 1.05
EXACT = 100.0


class Tried(NamedTuple):
    """A file of a grid: what made it, its size in bytes, its score."""

    setting: str
    quality: int
    size: int
    score: float

    @property
    def reached(self) -> bool:
        """Tell whether there is such a file."""
        return self.setting != ""


_NOTHING = Tried("", 0, 1 << 40, EXACT)


class Match(NamedTuple):
    """Our file of a picture, its score by Pillow's decode, and the smallest one of the grid."""

    picture: str
    ours: int
    score: float
    best: Tried

    @property
    def ratio(self) -> float:
        """Return how much larger ours is: 1 is as small as can be."""
        return self.ours / self.best.size


class Scene:
    """A picture with its grid's files, each made and scored once; scores are kept."""

    def __init__(self, name: str, image: Image.Image) -> None:
        """Take an opaque or transparent picture of 8 bits."""
        self.name, self._picture = name, image
        self._source = samples.encoded(image, "PNG", compress_level=1)
        self.image = libvips().Image.new_from_buffer(self._source, "").copy_memory()
        self._reference = Reference(_to_vips(image))
        self._tried: dict[tuple[str, int], Tried] = {}

    def score(self, data: bytes) -> float:
        """Score a file as Pillow decodes it, 100 if no sample differs."""
        mode = self._picture.mode
        decoded = Image.open(io.BytesIO(data)).convert(mode)
        if np.array_equal(np.asarray(decoded), np.asarray(self._picture)):
            return EXACT
        return self._reference.score(_to_vips(decoded))

    def ours(self, options: dict[str, Any]) -> bytes:
        """Encode as a recipe with these options does."""
        picture = open_picture(Source("in", data=self._source), DEFAULT_LIMITS)
        return encode(picture, parse_encoder(options), None, "srgb").data

    def matched(self, options: dict[str, Any], settings: Sequence[Setting] = ()) -> Match:
        """Compare what the options make with the smallest file of the grid that looks as good."""
        data = self.ours(options)
        score = self.score(data)
        best = self.smallest(settings or GRIDS[options["format"]], score - SLACK)
        assert best.reached, f"{self.name}: nothing on the grid scores {score - SLACK:.1f}"
        return Match(self.name, len(data), score, best)

    def smallest(self, settings: Iterable[Setting], floor: float) -> Tried:
        """Search all settings at all qualities for the smallest file of at least a score.

        Where the score passes the floor between two coarse qualities, all between are tried,
        unless the lower one is larger than what is found by then.
        """
        best = _NOTHING
        for setting in settings:
            coarse = [self._try(setting, quality) for quality in setting.qualities]
            best = min([best, *_reaching(coarse, floor)], key=lambda one: one.size)
            fine = [
                self._try(setting, quality)
                for low, high in itertools.pairwise(coarse)
                if low.score < floor <= high.score and low.size < best.size
                for quality in range(low.quality + 1, high.quality)
            ]
            best = min([best, *_reaching(fine, floor)], key=lambda one: one.size)
        return best

    def _try(self, setting: Setting, quality: int) -> Tried:
        key = setting.name, quality
        if key not in self._tried:
            data = setting.save(self.image, quality)
            self._tried[key] = Tried(*key, len(data), self.score(data))
        return self._tried[key]


def geometric_mean(ratios: Iterable[float]) -> float:
    """Return the mean of factors."""
    return math.exp(statistics.mean(map(math.log, ratios)))


def _reaching(tried: Iterable[Tried], floor: float) -> list[Tried]:
    return [one for one in tried if one.score >= floor]


def _to_vips(image: Image.Image) -> Any:
    pixels = np.ascontiguousarray(image)
    height, width, bands = (*pixels.shape, 1)[:3]
    data = libvips().Image.new_from_memory(pixels.tobytes(), width, height, bands, "uchar")
    return data.copy(interpretation="srgb" if bands > 2 else "b-w")
