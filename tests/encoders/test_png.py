from __future__ import annotations

import io
import math
import zlib
from typing import Any

import graphics
import numpy as np
import oxipng
import pytest
import samples
from finishing import finished, opened, profile_of
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imgflow.encoders.png import Png
from imgflow.libvips import libvips

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

    chosen = len(finished(file, {"format": "png", "effort": "fast"}).data)

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


def oxipng_of(file: bytes, **options: Any) -> int:
    return len(oxipng.optimize_from_memory(file, **options))


def test_the_default_is_near_the_optimum() -> None:
    """At most 5 % above the best of the optimiser's highest level and of zopfli, on average."""
    excess = []
    for image in (graphics.screenshot(), graphics.logo(), Image.fromarray(samples.cat())):
        part = image.crop((0, 0, 160, 120))
        made = len(finished(samples.encoded(part), {"format": "png"}).data)
        file = samples.encoded(part)
        zopfli = oxipng_of(file, level=2, deflate=oxipng.Deflaters.zopfli(5))
        excess.append(math.log(made / min(oxipng_of(file, level=6), zopfli)))

    assert math.exp(sum(excess) / len(excess)) <= 1.05


@pytest.mark.slow
@pytest.mark.parametrize("picture", [graphics.screenshot, graphics.logo, graphics.gradient])
def test_efforts(picture: Any) -> None:
    file = samples.encoded(picture().crop((0, 0, 160, 120)))

    fast, balanced, most = (
        len(finished(file, {"format": "png", "effort": effort}).data)
        for effort in ("fast", "balanced", "max")
    )

    assert most <= balanced < fast


@given(
    st.sampled_from(["1", "L", "LA", "RGB", "RGBA", "I;16", "P"]),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.integers(1, 255),
    st.sampled_from(["fast", "balanced", "max"]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_lossless_means_identical(
    mode: str, size: tuple[int, int], levels: int, effort: str, interlace: bool
) -> None:
    """Few or many colours, hidden ones too: what Pillow sees is what it drew."""
    width, height = size
    rng = np.random.default_rng(width * 1000 + height)
    shape = (height, width, 4)
    pixels = (rng.integers(0, levels + 1, shape) * (255 // levels)).astype(np.uint8)
    if mode == "I;16":
        source = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257 + pixels[..., 1] % 2)
    else:
        source = Image.fromarray(pixels)
        source = source if mode == "RGBA" else source.convert(mode)
    options = {"format": "png", "effort": effort, "interlace": interlace}

    found = opened(finished(samples.encoded(source), options).data)

    if mode == "I;16":
        wide = np.asarray(found).astype(int)
        assert np.array_equal(wide if found.mode == "I;16" else wide * 257, np.asarray(source))
    else:
        assert np.array_equal(np.asarray(found.convert("RGBA")), np.asarray(source.convert("RGBA")))


def test_colours_that_nobody_sees_are_kept() -> None:
    pixels = np.dstack([samples.cat()[:80, :90], np.zeros((80, 90), np.uint8)])

    file = finished(samples.encoded(pixels), {"format": "png"}).data

    assert np.array_equal(samples.decoded(file, "RGBA"), pixels)


@pytest.mark.parametrize("picture", [samples.cat, graphics.table])
def test_a_profile_stays_with_the_colours_it_is_for(picture: Any) -> None:
    image = Image.fromarray(np.asarray(picture())).convert("RGB")
    profile = profile_of("Display P3")
    file = samples.encoded(image, icc_profile=profile)

    result = opened(finished(file, {"format": "png"}, profile="keep").data)

    assert result.info["icc_profile"] == profile
    assert result.mode in {"RGB", "P"}
    assert np.array_equal(np.asarray(result.convert("RGB")), np.asarray(image))


def test_the_bits_that_are_asked_for_are_written() -> None:
    file = samples.encoded(graphics.bilevel())

    depths = [finished(file, {"format": "png", "bit_depth": bits}).data[DEPTH] for bits in (8, 16)]

    assert depths == [8, 16]
    assert finished(file, {"format": "png"}).data[DEPTH] == 1


@pytest.mark.parametrize("palette", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_without_the_optimiser_libpng_does_it(
    monkeypatch: pytest.MonkeyPatch, missing: bool, palette: bool
) -> None:
    def fails(*_: Any, **__: Any) -> bytes:
        raise oxipng.PngError

    file = samples.encoded(samples.cat()[:100, :120])
    options = {"format": "png", "palette": palette}
    wanted = finished(file, {**options, "effort": "fast"}).data
    if missing:
        monkeypatch.setattr("imgflow.encoders.oxipng.load", lambda _: None)
    else:
        monkeypatch.setattr(oxipng, "optimize_from_memory", fails)

    found = finished(file, options).data

    assert np.array_equal(samples.decoded(found, "RGB"), samples.decoded(wanted, "RGB"))
    assert len(found) <= 1.02 * len(wanted)


def test_a_draft_shows_what_the_file_will() -> None:
    image = load(samples.encoded(graphics.chart()))
    for encoder in (Png(), Png(palette=True, quality=60), Png(effort="fast")):
        draft = encoder.draft(image, 0)
        file = encoder.squeeze(draft)
        assert file == encoder.encode(image, 0)
        assert len(file) <= len(draft)
        assert np.array_equal(samples.decoded(draft, "RGB"), samples.decoded(file, "RGB"))


def load(file: bytes) -> Any:
    return libvips().Image.new_from_buffer(file, "")
