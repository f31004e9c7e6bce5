from __future__ import annotations

import numpy as np
from kinds import coffee_file, opened, pixels_of
from PIL import Image, ImageOps
from samples import coffee

from imgflow.geometry import Size
from imgflow.operations.flip import Flip
from imgflow.operations.flop import Flop
from imgflow.operations.operation import ANY_SHRINK


def test_flip_turns_upside_down() -> None:
    flipped = pixels_of(Flip().apply(opened(coffee_file())))
    assert np.array_equal(flipped, np.asarray(ImageOps.flip(Image.fromarray(coffee()))))


def test_flop_swaps_left_and_right() -> None:
    flopped = pixels_of(Flop().apply(opened(coffee_file())))
    assert np.array_equal(flopped, np.asarray(ImageOps.mirror(Image.fromarray(coffee()))))


def test_flop_goes_on_streaming_and_flip_does_not() -> None:
    assert Flop().apply(opened(coffee_file())).streaming
    assert not Flip().apply(opened(coffee_file())).streaming


def test_both_pass_a_reduction_on() -> None:
    for step in (Flip(), Flop()):
        assert step.shrink(Size(40, 30)) == ANY_SHRINK
        assert step.outline(Size(40, 30)) == (40, 30)
