"""The Gaussian window as the published program computes it, rounding errors included.

The recursions are marginally stable: an error of rounding never dies away, and in single
precision they gather along each row and column. SSIMULACRA2 divides by variances as small as
0.0009, which makes them visible: at 1600 pixels they cost a good picture up to three points.
The scores that are published, and the levels named after them, contain these errors. So they
are made here too, to the last bit: every product and sum is computed in double precision and
rounded once to single, which is what a fused multiply-add does. Rows run in groups of four
samples, each expressed by the two before the group, and columns sample by sample.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imgflow.quality.gaussian import RADIUS, poles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Doubles = NDArray[np.float64]

#: Samples of a group; groups begin at the first multiple of it that is past the window.
_GROUP = 4
_FIRST = -(-(RADIUS + 1) // _GROUP) * _GROUP
#: Rows or columns that are worked on at once: few enough for the second level cache.
_LANES = 3072


class _Factors(NamedTuple):
    """Factors of the outputs of a group, one row each: shape (4, 3, 1), all of single precision.

    Output ``n`` of a group takes input ``m`` times ``inputs[n - m]``.
    """

    inputs: Doubles
    last: Doubles
    older: Doubles


@functools.cache
def _grouped() -> _Factors:
    """Expand the recursion over the samples of a group."""
    inputs, last, older = [], [], []
    for gain, turn in poles():
        square = turn * turn
        cube = -square * turn + 2.0 * turn
        inputs.append((gain, -turn * gain, square * gain - gain, cube * gain))
        last.append((-turn, square - 1.0, cube, square * square - 3.0 * square + 1.0))
        older.append((-1.0, turn, 1.0 - square, -cube))
    return _Factors(*(_single(np.transpose(rows)[:, :, None]) for rows in (inputs, last, older)))


@functools.cache
def _plain() -> tuple[Doubles, Doubles]:
    """Return gain and turn of each recursion, of shape (3, 1) and single precision."""
    gain, turn = np.transpose(poles())
    return _single(gain[:, None]), _single(turn[:, None])


def _single(values: Doubles) -> Doubles:
    return values.astype(np.float32).astype(np.float64)


def blur(planes: Singles) -> None:
    """Blur planes in place, with black around them; shape (planes, height, width)."""
    count, height, width = planes.shape
    for rows in _slices(height, _LANES // count):
        lanes = np.ascontiguousarray(planes[:, rows].transpose(2, 0, 1)).reshape(width, -1)
        planes[:, rows] = _along_rows(lanes).reshape(width, count, -1).transpose(1, 2, 0)
    for columns in _slices(width, _LANES // count):
        planes[:, :, columns] = _down_columns(planes[:, :, columns])


def _slices(length: int, step: int) -> Iterator[slice]:
    for start in range(0, length, step):
        yield slice(start, min(start + step, length))


def _along_rows(lanes: Singles) -> Singles:
    """Blur along the first axis as the reference blurs rows."""
    length, count = lanes.shape
    out = np.empty_like(lanes)
    work = np.empty((4, _GROUP, 3, count))
    rounded = np.empty((_GROUP, 3, count), np.float32)
    sums, inputs = np.empty((_GROUP, count), np.float32), np.empty((_GROUP, count))
    last = older = np.zeros((3, count))
    at, turn = 1 - RADIUS, 0
    while at < length:
        size = _GROUP if _FIRST <= at < length - RADIUS - 2 else 1
        _add_ends(lanes, at, sums[:size])
        np.copyto(inputs[:size], sums[:size])
        values = work[turn, :size]
        _advance(values, inputs, (last, older), (work[3, :size], rounded[:size]))
        last, older = values[-1], values[-2] if size > 1 else last
        if at >= 0:
            _total(rounded[:size], out[at : at + size])
        at, turn = at + size, (turn + 1) % 3
    return out


def _advance(
    values: Doubles, inputs: Doubles, before: tuple[Doubles, Doubles], room: tuple[Doubles, Singles]
) -> None:
    """Compute the outputs of a group from its inputs and the two outputs before it."""
    factors = _grouped()
    size = len(values)
    product, rounded = room
    np.multiply(factors.inputs[:size], inputs[0], out=values)
    _round(values, rounded)
    for at in range(1, size):
        rest = size - at
        np.multiply(factors.inputs[:rest], inputs[at], out=product[:rest])
        np.add(values[at:], product[:rest], out=values[at:])
        _round(values[at:], rounded[at:])
    for factor, output in ((factors.older, before[1]), (factors.last, before[0])):
        np.multiply(factor[:size], output, out=product)
        np.add(values, product, out=values)
        _round(values, rounded)


def _down_columns(block: Singles) -> Singles:
    """Blur along the second of three axes as the reference blurs columns."""
    count, length, width = block.shape
    out = np.empty_like(block)
    gain, turn = _plain()
    *outputs, product = np.zeros((4, 3, count * width))
    rounded = np.empty((3, count * width), np.float32)
    sums, inputs = np.empty((1, count, width), np.float32), np.empty(count * width)
    steps = block.transpose(1, 0, 2)
    for at in range(1 - RADIUS, length):
        _add_ends(steps, at, sums)
        np.copyto(inputs, sums.reshape(-1))
        values, last, older = outputs
        np.multiply(turn, last, out=product)
        np.add(product, older, out=product)
        _round(product, rounded)
        np.multiply(gain, inputs, out=values)
        np.subtract(values, product, out=values)
        _round(values, rounded)
        outputs = [older, values, last]
        if at >= 0:
            _total(rounded[None], sums.reshape(1, -1))
            out[:, at] = sums[0]
    return out


def _add_ends(steps: Singles, at: int, out: Singles) -> None:
    """Add up the inputs at both ends of the window of some outputs; black beyond the border."""
    left, right, size = at - RADIUS - 1, at + RADIUS - 1, len(out)
    if left >= 0 and right + size <= len(steps):
        np.add(steps[left : left + size], steps[right : right + size], out=out)
    else:
        out[0] = steps[left] if left >= 0 else 0
        if right < len(steps):
            out[0] += steps[right]


def _round(values: Doubles, rounded: Singles) -> None:
    """Round to single precision, in both."""
    np.copyto(rounded, values, casting="same_kind")
    np.copyto(values, rounded)


def _total(parts: Singles, out: Singles) -> None:
    """Add up the three recursions, of shape (outputs, 3, lanes), in the order that counts."""
    np.add(parts[:, 1], parts[:, 2], out=out)
    np.add(parts[:, 0], out, out=out)
