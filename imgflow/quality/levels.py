"""A picture at each scale, in the channels that count, blurred piece by piece.

The finest scale is blurred in strips, with nine taps. At the coarser ones brightness and
blue-yellow are blurred with the errors of rounding of the reference, because scores depend on
them; red-green is not, because none does. Pictures too small for six scales are small enough
to do everything as the reference does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imgflow.quality import recursion
from imgflow.quality.opsin import brightness, opsin
from imgflow.quality.strips import blurred_strips, slices, strip_rows
from imgflow.quality.weights import BRIGHTNESS, RED_GREEN, SCALES, scale_count, weights

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from imgflow.quality.light import Light

    Singles = NDArray[np.float32]
    Products = Callable[["Place", Singles, int], tuple[Singles, ...]]

_QUARTER = np.float32(0.25)


class Place(NamedTuple):
    """A channel at a scale."""

    scale: int
    channel: int


class Piece(NamedTuple):
    """Rows ``start`` to ``stop`` at a place: the channel itself, and what was to be blurred."""

    place: Place
    start: int
    stop: int
    plane: Singles
    blurred: tuple[Singles, ...]


def pieces(light: Light, products: Products) -> Iterator[Piece]:
    """Blur a picture at all scales; the arrays of a piece are overwritten by the next.

    ``products`` gets a place, some rows of the channel there and the number of the first, and
    returns the planes to blur, of the same shape.
    """
    scales = scale_count(light.width, light.height)
    wanted = weights(scales)
    if scales == SCALES:
        shape = (3, -(-light.height // 2), -(-light.width // 2))
        level, first = np.empty(shape, np.float32), 1
        yield from _finest(light, level, products)
    else:
        level, first = light.rows(0, light.height), 0
    for scale in range(first, scales):
        if scale > first:
            level = _halved(level)
        yield from _coarse(level, scale, wanted[scale], products)


def _finest(light: Light, halved: Singles, products: Products) -> Iterator[Piece]:
    """Blur brightness at the finest scale, the only channel that counts there."""
    place = Place(0, BRIGHTNESS)

    def strips() -> Iterator[Singles]:
        for start, stop in slices(light.height, strip_rows(light.width)):
            rows = light.rows(start, stop)
            halved[:, start // 2 : -(-stop // 2)] = _halved(rows)
            plane = np.empty(rows.shape[1:], np.float32)
            brightness(rows, plane)
            yield plane

    for strip in blurred_strips(
        strips(), light.width, lambda rows, start: products(place, rows, start)
    ):
        yield Piece(place, strip.start, strip.stop, strip.rows, tuple(strip.blurred))


def _coarse(
    level: Singles, scale: int, channels: Collection[int], products: Products
) -> Iterator[Piece]:
    planes = _channels(level, channels) if channels else {}
    if RED_GREEN in planes:
        yield from _in_strips(Place(scale, RED_GREEN), planes.pop(RED_GREEN), products)
    if planes:
        made = {Place(scale, channel): plane for channel, plane in planes.items()}
        yield from _with_rounding(made, products)


def _channels(level: Singles, channels: Collection[int]) -> dict[int, Singles]:
    """Convert linear light (3, height, width), strip by strip."""
    _, height, width = level.shape
    planes = {channel: np.empty((height, width), np.float32) for channel in channels}
    for start, stop in slices(height, strip_rows(width)):
        for channel, rows in opsin(level[:, start:stop], channels).items():
            planes[channel][start:stop] = rows
    return planes


def _in_strips(place: Place, plane: Singles, products: Products) -> Iterator[Piece]:
    height, width = plane.shape
    cut = (plane[start:stop] for start, stop in slices(height, strip_rows(width)))
    for strip in blurred_strips(cut, width, lambda rows, start: products(place, rows, start)):
        yield Piece(place, strip.start, strip.stop, strip.rows, tuple(strip.blurred))


def _with_rounding(planes: dict[Place, Singles], products: Products) -> Iterator[Piece]:
    """Blur all channels of a scale at once, which saves calls."""
    made = [products(place, plane, 0) for place, plane in planes.items()]
    stack = np.stack([plane for group in made for plane in group])
    recursion.blur(stack)
    each = len(made[0])
    for at, (place, plane) in enumerate(planes.items()):
        blurred = stack[at * each : (at + 1) * each]
        for start, stop in slices(len(plane), strip_rows(plane.shape[1])):
            yield Piece(place, start, stop, plane[start:stop], tuple(blurred[:, start:stop]))


def _halved(level: Singles) -> Singles:
    """Return the picture at half its size; an odd row or column counts twice."""
    _, height, width = level.shape
    if height % 2 or width % 2:
        level = np.pad(level, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    upper, lower = level[:, ::2], level[:, 1::2]
    half = upper[:, :, ::2] + upper[:, :, 1::2]
    half += lower[:, :, ::2]
    half += lower[:, :, 1::2]
    half *= _QUARTER
    return half
