from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from kinds import ANIMATED, GRAY, MAKERS, SIXTEEN_BITS, kind_file, kind_picture, opened, pixels_of
from PIL import Image
from samples import coffee, encoded, likeness, portrait, with_alpha

from imgflow.fanout import fan_out
from imgflow.frames import Picture
from imgflow.geometry import Size
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.operations import largest_shrink, parse_steps
from imgflow.operations.resize import Resize
from imgflow.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resize(**fields: Any) -> Resize:
    return Resize.parse({"op": "resize", **fields})


def seen(pixels: NDArray[Any]) -> NDArray[Any]:
    """Weight colours by their opacity."""
    if pixels.ndim == 2 or pixels.shape[2] in {1, 3}:
        return pixels
    return pixels[..., :-1] * (pixels[..., -1:] / np.iinfo(pixels.dtype).max)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_every_kind_of_picture(kind: str, scale: float) -> None:
    picture = kind_picture(kind)
    whole = pixels_of(kind_picture(kind).random_access())
    result = resize(percent=scale * 100).apply(picture)
    assert result.size == resize(percent=scale * 100).outline(picture.size)
    pixels = pixels_of(result)
    assert pixels.shape[0] == result.height * result.frames
    assert pixels.dtype == (np.uint16 if kind in SIXTEEN_BITS else np.uint8)
    assert pixels.shape[2:] == whole.shape[2:]
    assert (result.frames, result.delays, result.loop) == (
        picture.frames,
        picture.delays,
        picture.loop,
    )
    levels = 257 if kind in SIXTEEN_BITS else 1
    assert abs(seen(pixels).mean() - seen(whole).mean()) / levels < 4


@pytest.mark.parametrize("kind", ["jpeg", "png-palette", "webp", "tiff", "exif-6", "jpeg-gray"])
def test_files_look_as_pillow_resizes_them(kind: str) -> None:
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(kind_file(kind))))
    upright = upright.convert("L" if kind in GRAY else "RGB")
    for size in ((40, 27), (90, 70)):
        expected = np.asarray(upright.resize(size, Image.Resampling.LANCZOS))
        pixels = pixels_of(
            resize(width=size[0], height=size[1], fit="fill").apply(kind_picture(kind))
        )
        assert likeness(pixels.reshape(expected.shape), expected) > 0.98


@pytest.mark.parametrize("kind", ANIMATED)
@pytest.mark.parametrize("fields", [{"width": 30}, {"width": 90, "height": 90, "fit": "contain"}])
def test_each_frame_is_resized_by_itself(kind: str, fields: dict[str, Any]) -> None:
    picture = kind_picture(kind).random_access()
    result = resize(**fields).apply(kind_picture(kind))
    for index in range(picture.frames):
        alone = picture.replace(image=picture.frame(index), frames=1, delays=())
        expected = resize(**fields).apply(alone).image.numpy()
        assert (result.frame(index).numpy() == expected).all()


def test_cover_keeps_what_gravity_says() -> None:
    image = Image.fromarray(coffee()).resize((150, 100), Image.Resampling.LANCZOS)
    for gravity, left in (("west", 0), ("centre", 25), ("east", 50)):
        step = resize(width=100, height=100, fit="cover", gravity=gravity)
        expected = np.asarray(image.crop((left, 0, left + 100, 100)))
        assert likeness(pixels_of(step.apply(opened(encoded(coffee())))), expected) > 0.99


@pytest.mark.parametrize(
    ("background", "gravity", "corner"),
    [
        (None, "centre", (255, 255, 255)),
        ("#ff8000", "northwest", None),
        ("#ff8000", "southeast", (255, 128, 0)),
        ("transparent", "centre", (0, 0, 0, 0)),
    ],
)
def test_contain_fills_with_the_background(
    background: str | None, gravity: str, corner: tuple[int, ...] | None
) -> None:
    options = {"background": background} if background else {}
    step = resize(width=900, height=900, fit="contain", gravity=gravity, **options)
    pixels = pixels_of(step.apply(opened(encoded(coffee()))))
    assert pixels.shape[:2] == (900, 900)
    if corner is None:
        assert (pixels[:400, :600] == coffee()).all()
        assert (pixels[450:] == (255, 128, 0)).all()
    else:
        assert tuple(pixels[0, 0]) == corner


def test_contain_leaves_a_transparent_rim_on_transparent_pictures() -> None:
    file = encoded(with_alpha(coffee()))
    pixels = pixels_of(resize(width=100, height=100, fit="contain").apply(opened(file)))
    assert (pixels[:16, :, 3] == 0).all()
    assert pixels[50, 50, 3] == 255


def test_contain_in_cmyk_and_gray() -> None:
    for kind, bands in (("jpeg-cmyk", 3), ("png-gray", 1), ("png-gray-16", 1)):
        step = resize(width=80, height=80, fit="contain")
        pixels = pixels_of(step.apply(kind_picture(kind)))
        assert pixels.reshape(80, 80, -1).shape[2] == bands
        assert pixels[0, 0].min() == (65535 if "16" in kind else 255)


def test_cover_with_faces_keeps_the_face() -> None:
    file = encoded(portrait(), "JPEG", quality=95)
    step = resize(width=100, height=40, fit="cover", gravity="faces")
    result = step.apply(opened(file))
    assert result.size == (100, 40)
    details = result.notes[-1].details
    assert details["strategy"] == "faces"
    assert details["box"][1] <= 15


def test_faces_are_looked_for_before_they_are_too_small_to_be_seen() -> None:
    wide = np.hstack([coffee()[:, :512], portrait()[:400], np.zeros((400, 1024, 3), np.uint8)])
    step = resize(width=20, height=40, fit="cover", gravity="faces")
    result = step.apply(opened(encoded(wide)))
    assert result.size == (20, 40)
    assert result.notes[-1].details["strategy"] == "faces"
    face = np.asarray(Image.fromarray(portrait()).crop((175, 65, 275, 195)).resize((10, 13)))
    window = pixels_of(result)[6:20, 5:15]
    assert abs(window.mean((0, 1)) - face.mean((0, 1))).max() < 30


def test_a_reduced_jpeg_looks_like_a_whole_one() -> None:
    file = encoded(np.tile(coffee(), (3, 3, 1)), "JPEG", quality=95)
    for fields in ({"width": 300}, {"width": 150, "height": 150, "fit": "cover"}):
        (step,) = steps = parse_steps([{"op": "resize", **fields}])
        whole = pixels_of(step.apply(opened(file)))
        reduced = _opened_for(file, steps)
        assert reduced.reduced
        result = step.apply(reduced)
        assert result.size == step.outline(Size(1800, 1200))
        assert likeness(pixels_of(result), whole) > 0.95


@pytest.mark.slow
def test_fan_out_gives_the_sizes_that_were_foretold() -> None:
    requests: list[dict[str, Any]] = [
        {"width": 900},
        {"width": 599},
        {"width": 301},
        {"width": 77},
        {"percent": 200},
        {"percent": 300},
        {"width": 300, "linear": True},
        {"width": 320, "height": 50, "fit": "cover", "gravity": "attention"},
        {"width": 33, "height": 90},
        {"width": 120, "height": 120, "fit": "inside"},
    ]
    chains = [parse_steps([{"op": "resize", **fields}]) for fields in requests]
    base = opened(encoded(coffee()))
    made = dict(fan_out(base, chains))
    assert [made[chain].size for chain in chains] == [
        chain[0].outline(Size(600, 400)) for chain in chains
    ]
    for chain in chains:
        alone = chain[0].apply(opened(encoded(coffee())))
        assert likeness(pixels_of(made[chain]), pixels_of(alone)) > 0.97


def _opened_for(file: bytes, steps: Any) -> Picture:
    from imgflow.image import open_picture
    from imgflow.limits import DEFAULT_LIMITS
    from imgflow.source import Source

    return open_picture(
        Source("test", data=file), DEFAULT_LIMITS, shrink=lambda size: largest_shrink(size, steps)
    )


@pytest.mark.parametrize(("width", "height"), [(511, 509), (505, 497), (510, 499)])
@pytest.mark.parametrize("side", [60, 100, 180, 250])
def test_reduced_jpegs_are_not_stretched(width: int, height: int, side: int) -> None:
    data = encoded(portrait()[:height, :width], "JPEG", quality=95)
    picture = open_picture(
        Source("odd", data=data), DEFAULT_LIMITS, shrink=resize(width=side).shrink
    )
    assert picture.extent
    result = pixels_of(resize(width=side).apply(picture))
    whole = Image.open(io.BytesIO(data)).resize(result.shape[1::-1], Image.Resampling.LANCZOS)
    assert likeness(result, np.asarray(whole)) > 0.95
