from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
import samples
from finishing import finished, opened
from PIL import Image

DEPTH, COLOUR, INTERLACE = 24, 25, 28
PALETTE = 3


def chart() -> samples.Pixels:
    """Return flat shapes with text-like detail, the kind of picture that no filter suits."""
    pixels = np.full((300, 400, 3), 255, np.uint8)
    for index in range(12):
        pixels[40 + index * 20 : 52 + index * 20, 20 : 40 + index * 29] = (index * 20, 90, 200)
    pixels[::20, ::3] = 0
    return pixels


@pytest.mark.parametrize("picture", [chart, samples.portrait, lambda: samples.cat()[:60, :60]])
def test_the_row_filter_is_chosen_well(picture: Any) -> None:
    file = samples.encoded(picture())

    chosen = len(finished(file, {"format": "png"}).data)

    sizes = [
        len(finished(file, {"format": "png", "filter": name}).data) for name in ("none", "all")
    ]
    assert chosen == min(sizes)
    assert max(sizes) > 1.05 * min(sizes)


def test_more_compression_is_fewer_bytes() -> None:
    file = samples.encoded(samples.cat())
    sizes = [
        len(finished(file, {"format": "png", "compression": level}).data) for level in (0, 1, 9)
    ]

    assert sizes == sorted(set(sizes), reverse=True)


@pytest.mark.parametrize(("colours", "depth"), [(256, 8), (16, 4), (4, 2), (2, 1)])
def test_a_palette_on_request(colours: int, depth: int) -> None:
    file = samples.encoded(samples.portrait())

    data = finished(file, {"format": "png", "palette": True, "colours": colours}).data

    assert (data[DEPTH], data[COLOUR]) == (depth, PALETTE)
    found = opened(data).convert("RGB").getcolors(1 << 20)
    assert found
    assert colours // 2 < len(found) <= colours


def test_a_palette_looks_like_the_picture_and_dithers() -> None:
    file = samples.encoded(samples.portrait())
    options = {"format": "png", "palette": True}

    plain = samples.decoded(finished(file, {**options, "dither": 0}).data, "RGB")
    dithered = samples.decoded(finished(file, options).data, "RGB")

    assert samples.likeness(plain, samples.portrait()) > 0.9
    assert not np.array_equal(plain, dithered)


def test_a_palette_keeps_transparency() -> None:
    file = samples.encoded(samples.with_alpha(samples.cat()))

    data = finished(file, {"format": "png", "palette": True}).data

    assert data[COLOUR] == PALETTE
    alpha = np.asarray(opened(data).convert("RGBA"))[..., 3]
    assert len(np.unique(alpha)) > 3


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_sixteen_bits(mode: str) -> None:
    image = Image.fromarray(samples.cat()).convert(mode)
    data = finished(samples.encoded(image), {"format": "png", "bit_depth": 16}).data

    assert data[DEPTH] == 16
    found = samples.decoded(data)
    assert np.array_equal(found if mode == "RGB" else found // 257, np.asarray(image))


def test_sixteen_bits_stay_unless_eight_are_asked_for() -> None:
    ramp = np.linspace(0, 65535, 200 * 100).reshape(100, 200).astype(np.uint16)
    file = samples.encoded(Image.fromarray(ramp))

    deep, shallow = (
        finished(file, options).data
        for options in ({"format": "png"}, {"format": "png", "bit_depth": 8})
    )

    assert (deep[DEPTH], shallow[DEPTH]) == (16, 8)
    assert np.array_equal(samples.decoded(deep), ramp)
    assert np.abs(samples.decoded(shallow).astype(int) - (ramp >> 8)).max() <= 1


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits_of_gray(depth: int) -> None:
    file = samples.encoded(samples.cameraman())

    data = finished(file, {"format": "png", "bit_depth": depth}).data

    assert (data[DEPTH], data[COLOUR]) == (depth, PALETTE)
    gray = np.asarray(opened(data).convert("L"))
    assert len(np.unique(gray)) == 1 << depth
    assert np.corrcoef(gray.ravel(), samples.cameraman().ravel())[0, 1] > 0.85


@pytest.mark.parametrize("interlace", [True, False])
def test_interlace(interlace: bool) -> None:
    file = samples.encoded(samples.cat())

    data = finished(file, {"format": "png", "interlace": interlace}).data

    assert data[INTERLACE] == interlace
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), samples.cat())


@pytest.mark.parametrize(
    ("name", "number"), [("none", 0), ("sub", 1), ("up", 2), ("average", 3), ("paeth", 4)]
)
def test_each_row_filter_is_the_one_that_is_written(name: str, number: int) -> None:
    file = finished(samples.encoded(samples.cat()), {"format": "png", "filter": name}).data
    assert np.array_equal(np.asarray(opened(file)), samples.cat())
    start = file.index(b"IDAT")
    rows = zlib.decompressobj().decompress(file[start + 4 :], 1354 * 4)
    assert set(rows[1354 : 1354 * 4 : 1354]) == {number}
