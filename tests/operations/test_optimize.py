"""The step optimize: what it asks of an encoder, and what counts more."""

from __future__ import annotations

from typing import Any

import pytest

from imgflow.encoders import parse_encoder
from imgflow.errors import RecipeError
from imgflow.geometry import Size
from imgflow.job import Output
from imgflow.operations import chain_optimize, parse_steps
from imgflow.operations.operation import ANY_SHRINK
from imgflow.operations.optimize import Optimize
from imgflow.target import aim


def target(encoder: dict[str, Any] | None, *steps: dict[str, Any], origin: str = "jpeg") -> Any:
    output = Output(path="x", steps=steps, encoder=encoder)
    return aim(output, (), Size(60, 40), origin)


def test_it_changes_no_pixel_and_minds_no_size() -> None:
    step = Optimize()
    assert not step.changes_pixels
    assert step.outline(Size(3, 4)) == Size(3, 4)
    assert step.shrink(Size(3, 4)) == ANY_SHRINK
    assert step.fields() == {"op": "optimize"}


def test_the_last_one_counts() -> None:
    steps = parse_steps([{"op": "optimize"}, {"op": "flip"}, {"op": "optimize", "quality": 50}])
    assert chain_optimize(steps) == Optimize(quality=50)
    assert chain_optimize(parse_steps([{"op": "flip"}])) is None


@pytest.mark.parametrize(
    "wrong", [{"quality": "hgih"}, {"quality": 0}, {"effort": "fast"}, {"q": 1}]
)
def test_what_it_does_not_know_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="optimize: "):
        parse_steps([{"op": "optimize", **wrong}])


@pytest.mark.parametrize(
    ("origin", "quality"), [("jpeg", "high"), ("webp", "high"), ("avif", "high"), ("png", 100)]
)
def test_lossless_is_a_high_quality_where_pixels_are_new(origin: str, quality: Any) -> None:
    found = target(None, {"op": "optimize"}, origin=origin)
    assert found.encoder.quality == quality
    assert found.thrift.lossless


def test_its_quality_and_effort_go_to_the_encoder() -> None:
    found = target(None, {"op": "optimize", "quality": "good", "effort": "max"})
    assert found.encoder == parse_encoder({"format": "jpeg", "quality": "good", "effort": "max"})
    assert not found.thrift.lossless


def test_what_the_output_says_counts_more() -> None:
    step = {"op": "optimize", "quality": "good", "effort": "max"}
    found = target({"format": "jpeg", "quality": 85, "effort": "balanced"}, step)
    assert (found.encoder.quality, found.encoder.effort) == (85, "balanced")
    assert not found.thrift.lossless
    kept = target({"format": "webp", "quality": "lossless"}, step, origin="webp")
    assert kept.encoder.quality == "lossless"
    assert kept.thrift.lossless
    near = target({"format": "webp", "near_lossless": 60}, step)
    assert near.encoder.near_lossless == 60


def test_a_convert_gives_the_format() -> None:
    found = target(None, {"op": "convert", "format": "webp"}, {"op": "optimize", "quality": 70})
    assert (found.encoder.name(), found.encoder.quality) == ("webp", 70)


def test_formats_without_a_quality_are_as_they_are() -> None:
    found = target(None, {"op": "optimize", "quality": "good"}, origin="gif")
    assert found.encoder.name() == "gif"
