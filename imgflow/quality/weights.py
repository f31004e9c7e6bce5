"""What each kind of error counts: the weights of SSIMULACRA2 2.1, and the score made of them.

Fitted by Jon Sneyers to the subjective scores of CID22, TID2013, KADID-10k and KonFiG-IQA;
published as a table in ``tools/ssimulacra2.cc`` of libjxl, the reference of this metric.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

#: Scales at most: 1:1 to 1:32.
SCALES = 6
#: No scale is begun whose predecessor is smaller than this, in pixels.
LEAST_SIDE = 8
#: Channels of a picture, in the order of the weights.
RED_GREEN, BRIGHTNESS, BLUE_YELLOW = range(3)
#: Weights below this are left out: together they move no score by 0.001 of a point, and half
#: of all the work is for them.
_LEAST_WEIGHT = 0.01

# A row for each channel and, within it, each scale: structure, new edges, lost edges, as means
# of the errors, and the same three as fourth roots of the mean fourth power.
_WEIGHTS = (
    (
        0.0, 0.0007376606707406586, 0.0,
        0.0, 0.0007793481682867309, 0.0,
    ),
    (
        0.0, 0.0004371155730107379, 0.0,
        1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
    ),
    (
        0.0, 0.0016406437456599754, 0.0,
        1.8422455520539298, 11.441172603757666, 0.0,
    ),
    (
        0.0007989109436015163, 0.000176816438078653, 0.0,
        1.8787594979546387, 10.94906990605142, 0.0,
    ),
    (
        0.0007289346991508072, 0.9677937080626833, 0.0,
        0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
    ),
    (
        0.0004550992113792063, 0.0, 0.0,
        0.0013648766163243398, 0.0, 0.0,
    ),
    (
        0.0, 0.0, 0.0,
        7.466890328078848, 0.0, 17.445833984131262,
    ),
    (
        0.0006235601634041466, 0.0, 0.0,
        6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    ),
    (
        225.20515300849274, 0.0, 0.0,
        19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    ),
    (
        176.39317598450694, 0.0, 0.0,
        24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    ),
    (
        0.0, 0.0, 0.0,
        34.77906344483772, 44.835625328877896, 0.0,
    ),
    (
        0.0, 0.0, 0.0,
        0.0, 0.0, 0.0,
    ),
    (
        0.0, 0.0008680556573291698, 0.0,
        0.0, 0.0, 0.0,
    ),
    (
        0.0, 0.0005313191874358747, 0.0,
        0.00016533814161379112, 0.0, 0.0,
    ),
    (
        0.0, 0.0, 0.0,
        0.0004179171803251336, 0.0017290828234722833, 0.0,
    ),
    (
        0.0020827005846636437, 0.0, 0.0,
        8.826982764996862, 23.19243343998926, 0.0,
    ),
    (
        95.1080498811086, 0.9863978034400682, 0.9834382792465353,
        0.0012286405048278493, 171.2667255897307, 0.9807858872435379,
    ),
    (
        0.0, 0.0, 0.0,
        0.0005130064588990679, 0.0, 0.00010854057858411537,
    ),
)  # fmt: skip


class Weights(NamedTuple):
    """Weights of the errors in one channel at one scale; 0 for what need not be computed."""

    structure: float
    new_edges: float
    lost_edges: float
    structure_peaks: float
    new_edge_peaks: float
    lost_edge_peaks: float

    @property
    def any_edges(self) -> bool:
        """Tell whether errors of edges count."""
        return any((self.new_edges, self.lost_edges, self.new_edge_peaks, self.lost_edge_peaks))

    @property
    def any_structure(self) -> bool:
        """Tell whether errors of structure count."""
        return bool(self.structure or self.structure_peaks)


@functools.cache
def weights(scales: int) -> tuple[dict[int, Weights], ...]:
    """Return, for each scale, the channels that count with their weights.

    A picture too small for six scales takes the weights in the same order, one row after the
    other, as the reference does, though they were not fitted for that.
    """
    return tuple(
        {
            channel: row
            for channel in range(3)
            if any(row := _pruned(_WEIGHTS[channel * scales + scale]))
        }
        for scale in range(scales)
    )


def _pruned(row: tuple[float, ...]) -> Weights:
    return Weights(*(weight if weight >= _LEAST_WEIGHT else 0.0 for weight in row))


def scale_count(width: int, height: int) -> int:
    """Return the number of scales at which pictures of this size are compared."""
    count = 0
    while count < SCALES and min(width, height) >= LEAST_SIDE:
        width, height = (width, height) if count == 0 else (-(-width // 2), -(-height // 2))
        count += 1
    return count


def score_of(error: float) -> float:
    """Return the score for a weighted sum of errors: 100 for none, without a lower bound."""
    error *= 0.9562382616834844
    square, cube = error * error, error * error * error
    error = 2.326765642916932 * error - 0.020884521182843837 * square
    error += 6.248496625763138e-05 * cube
    return 100.0 - 10.0 * error**0.6276336467831387 if error > 0 else 100.0
