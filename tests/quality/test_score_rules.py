"""What holds of the score of any picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_pairs import coarse, jpeg, noisy

from imgflow.errors import OperationError, UsageError
from imgflow.quality.reference import Reference

Score = Callable[[Any, Any], float]

SIDES = st.integers(8, 70)


@st.composite
def pictures(draw: st.DrawFn) -> Any:
    """A part of a photograph, or noise, in colour."""
    height, width = draw(SIDES), draw(SIDES)
    seed = draw(st.integers(0, 2**32 - 1))
    if draw(st.booleans()):
        return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    photo = samples.portrait()
    top, left = seed % (512 - height), seed // 512 % (512 - width)
    return photo[top : top + height, left : left + width]


@given(picture=pictures())
@settings(max_examples=15, deadline=None)
def test_a_picture_is_itself(score: Score, picture: Any) -> None:
    assert score(picture, picture) == 100


@given(picture=pictures(), depth=st.integers(1, 100))
@settings(max_examples=15, deadline=None)
def test_what_differs_scores_less_and_more_of_it_less_still(
    score: Score, picture: Any, depth: int
) -> None:
    gray = picture // 2 + 64  # Leaves room to differ on both sides.
    one, two = noisy(depth // 2 + 1)(gray), noisy(3 * (depth // 2 + 1))(gray)
    little, much = score(gray, one), score(gray, two)
    assert math.isfinite(much)
    assert much < little < 100


@given(one=pictures(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_any_two_pictures_have_a_score(score: Score, one: Any, seed: int) -> None:
    two = np.random.default_rng(seed).integers(0, 256, one.shape, np.uint8)
    value = score(one, two)
    assert math.isfinite(value)
    assert (value == 100) == np.array_equal(one, two)
    assert score(one, two) == value


@given(picture=pictures())
@settings(max_examples=15, deadline=None)
def test_opacity_that_is_full_changes_nothing(score: Score, picture: Any) -> None:
    worse = coarse(2)(picture)
    full = np.full((*picture.shape[:2], 1), 255, np.uint8)
    opaque, opaque_worse = np.dstack([picture, full]), np.dstack([worse, full])
    assert score(opaque, opaque_worse) == score(picture, worse) == score(picture, opaque_worse)


@given(picture=pictures())
@settings(max_examples=15, deadline=None)
def test_gray_is_a_colour_of_three_equal_channels(score: Score, picture: Any) -> None:
    gray = np.ascontiguousarray(picture[..., 1])
    worse = coarse(2)(gray)
    assert score(gray, worse) == score(np.dstack([gray] * 3), np.dstack([worse] * 3))
    assert score(gray, worse) == score(gray, np.dstack([worse] * 3))


@given(picture=pictures())
@settings(max_examples=15, deadline=None)
def test_sixteen_bits_see_what_eight_see(score: Score, picture: Any) -> None:
    worse = coarse(3)(picture)
    deep, deep_worse = (pixels.astype(np.uint16) * 257 for pixels in (picture, worse))
    assert score(deep, deep_worse) == pytest.approx(score(picture, worse), abs=0.1)


@given(picture=pictures())
@settings(max_examples=15, deadline=None)
def test_rows_and_columns_count_alike(score: Score, picture: Any) -> None:
    """But for single precision: in 2500 small parts of a portrait it made up to 0.27 of it."""
    worse = coarse(2)(picture)
    turned, turned_worse = picture.transpose(1, 0, 2), worse.transpose(1, 0, 2)
    assert score(turned, turned_worse) == pytest.approx(score(picture, worse), abs=0.5)


@pytest.mark.parametrize("photo", [samples.cat, samples.coffee, samples.cameraman])
def test_more_compression_scores_less(score: Score, photo: Callable[[], Any]) -> None:
    original = photo()
    scores = [score(original, jpeg(quality)(original)) for quality in range(10, 100, 8)]
    assert scores == sorted(scores)
    assert scores[0] < 30
    assert scores[-1] > 88


def test_a_reference_serves_many_times(as_image: Callable[[Any], Any]) -> None:
    cat = samples.cat()
    reference = Reference(as_image(cat))
    worse = [as_image(jpeg(quality)(cat)) for quality in (30, 80)]
    first = [reference.score(image) for image in worse]
    assert [reference.score(image) for image in worse] == first
    assert reference.score(as_image(cat)) == 100


def test_what_no_background_shows_does_not_count(score: Score) -> None:
    veiled = samples.with_alpha(samples.portrait())
    hidden = veiled.copy()
    hidden[veiled[..., 3] == 0] = (255, 0, 255, 0)
    assert (hidden != veiled).any()
    assert score(veiled, hidden) == 100


def test_too_small(as_image: Callable[[Any], Any]) -> None:
    small = as_image(samples.cat()[:7, :40])
    with pytest.raises(
        OperationError, match=r"^cat.png: expected at least 8x8 .*found 40x7$"
    ) as told:
        Reference(small, "cat.png")
    assert told.value.code == "too-small-to-compare"


def test_two_sizes(as_image: Callable[[Any], Any]) -> None:
    reference = Reference(as_image(samples.cat()))
    with pytest.raises(UsageError, match=r"expected 451x300 pixels.*found 450x300") as told:
        reference.score(as_image(samples.cat()[:, :450]))
    assert told.value.code == "sizes-differ"


def test_errors_are_found_where_they_are(as_image: Callable[[Any], Any]) -> None:
    original = samples.portrait()
    worse = original.copy()
    worse[128:256, 256:384] = coarse(4)(original)[128:256, 256:384]
    errors = Reference(as_image(original)).errors(as_image(worse))
    assert errors.shape == original.shape[:2]
    assert errors[144:240, 272:368].mean() > 50 * errors[:, :128].mean()
    assert errors[300:, :].max() < 0.02
