"""Every operation on every kind of picture, through the encoder, judged by Pillow."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from kinds import ANIMATED, GRAY, MAKERS, SIXTEEN_BITS, kind_picture, opened
from PIL import Image
from samples import coffee, encoded

from imgflow.encoders import parse_encoder
from imgflow.finish import encode
from imgflow.frames import Picture
from imgflow.geometry import Size
from imgflow.operations import OPERATIONS
from imgflow.operations.operation import Operation

EXAMPLES: tuple[dict[str, Any], ...] = (
    *(operation.example for name, operation in OPERATIONS.items() if name != "resize"),
    {"op": "resize", "percent": 50},
)
#: More than the examples show, so that each way through an operation is taken.
VARIANTS: tuple[dict[str, Any], ...] = (
    {"op": "resize", "percent": 150},
    {"op": "rotate", "angle": 30},
    {"op": "rotate", "angle": 180},
    {"op": "rotate", "angle": -12.5, "background": "#ff000080"},
    {"op": "pad", "all": 3, "left": 0},
    {"op": "pad", "all": 2, "background": "#ff880080"},
    {"op": "trim", "background": "transparent"},
    {"op": "blur", "sigma": 0.6},
    {"op": "adjust", "contrast": 1.3, "hue": 40, "gamma": 1.4},
    {"op": "round", "radius": "50%"},
    {"op": "round", "circle": True},
    {"op": "overlay", "image": "watermark.png", "tile": True, "blend": "multiply"},
    {"op": "text", "text": "Aj", "size": "60%", "background": "#000000a0", "colour": "#fc0"},
)
#: Kinds that differ in what an operation must see to; the rest differ for the decoder.
TELLING = (
    "jpeg", "jpeg-cmyk", "png-gray-alpha", "png-16-alpha", "webp-animated-alpha",
    "1x1", "1x5000", "5000x1",
)  # fmt: skip
ADD_COLOUR = {"overlay"}


def label(step: dict[str, Any]) -> str:
    return "-".join(str(value) for key, value in step.items() if key not in {"image", "text"})


def apply(step: dict[str, Any], picture: Picture) -> tuple[Operation, Picture]:
    operation = OPERATIONS[step["op"]].parse(step)
    return operation, operation.apply(picture)


def decode(picture: Picture) -> Image.Image:
    fmt = "png" if picture.has_alpha else "jpeg"
    file = encode(picture, parse_encoder({"format": fmt}), None, "srgb").data
    image = Image.open(io.BytesIO(file))
    image.load()
    return image


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("step", EXAMPLES, ids=label)
@pytest.mark.usefixtures("watermark")
def test_runs_on_every_kind(step: dict[str, Any], kind: str) -> None:
    check_run(step, kind)


@pytest.mark.parametrize("kind", TELLING)
@pytest.mark.parametrize("step", VARIANTS, ids=label)
@pytest.mark.usefixtures("watermark")
def test_runs_in_every_way(step: dict[str, Any], kind: str) -> None:
    check_run(step, kind)


def check_run(step: dict[str, Any], kind: str) -> None:
    before = kind_picture(kind)
    operation, after = apply(step, before)
    outlined = operation.outline(before.size)
    assert outlined in {None, after.size}
    assert after.size == after.pixel_size
    assert after.frames == before.frames
    assert after.delays == before.delays
    assert decode(after.replace(image=after.frame(0), frames=1)).size == after.size
    assert after.image.format == before.image.format


@pytest.mark.parametrize("kind", ANIMATED[-2:])
@pytest.mark.parametrize("step", EXAMPLES + VARIANTS, ids=label)
@pytest.mark.usefixtures("watermark")
def test_treats_all_frames_alike(step: dict[str, Any], kind: str) -> None:
    before = kind_picture(kind)
    _, after = apply(step, before)
    if step["op"] == "trim" or step.get("gravity") in {"faces", "attention", "entropy"}:
        return
    for index in range(before.frames):
        still = kind_picture(kind)
        still = still.replace(image=still.frame(index), frames=1)
        alone = apply(step, still)[1]
        assert np.array_equal(after.frame(index).numpy(), alone.image.numpy())


@pytest.mark.parametrize("kind", ["png-gray", "png-gray-alpha", "png-gray-16", "png-16-alpha"])
@pytest.mark.parametrize("step", EXAMPLES + VARIANTS, ids=label)
@pytest.mark.usefixtures("watermark")
def test_gray_and_depth_stay(step: dict[str, Any], kind: str) -> None:
    _, after = apply(step, kind_picture(kind))
    shown = after.srgb()
    deep = kind in SIXTEEN_BITS
    assert shown.image.format == ("ushort" if deep else "uchar")
    coloured = step["op"] in ADD_COLOUR or any("#f" in str(value) for value in step.values())
    if kind in GRAY and not coloured:
        assert shown.image.bands <= 2
        assert shown.image.interpretation == ("grey16" if deep else "b-w")


@pytest.mark.parametrize("step", EXAMPLES + VARIANTS, ids=label)
@pytest.mark.usefixtures("watermark")
def test_reads_a_large_stream(step: dict[str, Any]) -> None:
    photo = Image.fromarray(coffee()).resize((600, 1800))
    file = encoded(photo, "JPEG", quality=90)
    operation, streamed = apply(step, opened(file))
    settled = operation.apply(opened(file).random_access())
    assert streamed.size == settled.size
    assert np.array_equal(streamed.image.numpy(), settled.image.numpy())


@pytest.mark.parametrize("name", OPERATIONS)
def test_passes_a_reduced_picture_on(name: str) -> None:
    operation = OPERATIONS[name].parse(OPERATIONS[name].example)
    if operation.shrink(Size(1200, 800)) == 1 or operation.rescales:
        return
    file = encoded(Image.fromarray(coffee()).resize((1200, 800)), "JPEG", quality=95)
    whole, halved = opened(file), opened(file)
    halved = halved.replace(image=halved.image.resize(0.5))
    wanted, got = operation.apply(whole), operation.apply(halved)
    assert got.size == wanted.size
    assert got.reduced
    small = Image.fromarray(wanted.srgb().image.numpy()).resize(
        (got.image.width, got.image.height), Image.Resampling.LANCZOS
    )
    difference = np.abs(np.asarray(small, float) - got.srgb().image.numpy())
    assert difference.mean() < 3
