"""The Python API, as in its documentation, judged by Pillow."""

from __future__ import annotations

import inspect
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import samples
from PIL import Image

import imgflow
from imgflow import ImageProcessor, ImgflowError, Limits
from imgflow.errors import EncodeError, RecipeError, SourceError, StorageError, UsageError
from imgflow.finish import Encoded, encode
from imgflow.operations import OPERATIONS

LARGE = (1600, 1200)


@pytest.fixture(scope="module")
def photo() -> bytes:
    image = Image.fromarray(samples.coffee()).resize(LARGE, Image.Resampling.LANCZOS)
    return samples.encoded(image, "JPEG", quality=90)


@pytest.fixture
def in_folder(tmp_path: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input.jpg").write_bytes(photo)
    return tmp_path


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.usefixtures("in_folder")
def test_the_documented_example() -> None:
    processor = ImageProcessor()
    result = processor.resize("input.jpg", width=800, height=600)
    assert result.size == (800, 600)
    result = processor.resize("input.jpg", width=800, preserve_aspect=True)
    assert result.size[0] == 800
    result = processor.crop("input.jpg", x=100, y=100, width=500, height=500)
    assert result.size == (500, 500)
    result = processor.convert("input.jpg", format="webp", quality=90)
    assert result.format == "WEBP"
    result = processor.process(
        "input.jpg",
        [
            {"op": "resize", "width": 1200},
            {"op": "crop", "aspect": "16:9"},
            {"op": "convert", "format": "webp", "quality": 85},
        ],
    )
    result.save("out.webp")
    assert Path("out.webp").read_bytes() == result.data
    assert result.size == (1200, 675) == opened(result.data).size == result.to_pillow().size
    assert result.format == "WEBP" == opened(result.data).format


def test_size_is_known_as_width_and_height(photo: bytes) -> None:
    result = ImageProcessor().resize(photo, height=300)
    assert (result.width, result.height) == result.size == (400, 300)


def test_every_kind_of_input_gives_the_same_picture(in_folder: Path, photo: bytes) -> None:
    path = in_folder / "input.jpg"
    pixels = samples.decoded(photo, "RGB")
    sources: list[Any] = [
        str(path),
        path,
        photo,
        bytearray(photo),
        memoryview(photo),
        io.BytesIO(photo),
        opened(photo),
        pixels,
    ]
    results = [
        ImageProcessor().crop(source, x=10, y=20, width=300, height=200).to_numpy()
        for source in sources
    ]
    expected = pixels[20:220, 10:310]
    for result in results:
        assert result.dtype == np.uint8
        assert samples.likeness(result, expected) > 0.98


@pytest.mark.parametrize(
    ("shape", "kind", "mode"),
    [
        ((20, 30), np.uint8, "L"),
        ((20, 30, 1), np.uint8, "L"),
        ((20, 30, 2), np.uint8, "LA"),
        ((20, 30, 3), np.uint8, "RGB"),
        ((20, 30, 4), np.uint8, "RGBA"),
        ((20, 30), np.uint16, "I;16"),
        ((20, 30, 3), np.uint16, "RGB"),
    ],
)
def test_arrays_of_all_shapes(shape: tuple[int, ...], kind: type, mode: str) -> None:
    array: Any = np.random.default_rng(1).integers(0, np.iinfo(kind).max, shape).astype(kind)
    result = ImageProcessor().process(array, [])
    assert result.size == (30, 20)
    assert result.format == "PNG"
    assert np.array_equal(result.to_numpy().reshape(shape), array)
    assert result.to_pillow().mode == mode


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((2, 2, 2, 2), np.uint8),
    ],
    ids=["float", "channels", "line", "empty", "four axes"],
)
def test_arrays_that_are_no_picture(array: Any) -> None:
    with pytest.raises(UsageError, match="expected an array"):
        ImageProcessor().resize(array, width=10)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pillow_images_of_all_modes(mode: str) -> None:
    image = Image.fromarray(samples.cat()).convert("RGB" if mode != "I;16" else "L").convert(mode)
    result = ImageProcessor().resize(image, width=100)
    assert result.size == (100, 67)
    assert opened(result.data).size == (100, 67)


def test_pillow_image_with_an_orientation_is_turned_upright() -> None:
    image = Image.fromarray(samples.cat())
    image.getexif()[0x0112] = 6
    assert ImageProcessor().process(image, []).size == (300, 451)
    assert ImageProcessor(orient=False).process(image, []).size == (451, 300)


def test_array_may_change_afterwards() -> None:
    array = samples.cat().copy()
    result = ImageProcessor().process(array, [])
    array[:] = 0
    assert np.array_equal(result.to_numpy(), samples.cat())


@pytest.mark.parametrize(
    "thing", [None, 42, io.StringIO("text"), object()], ids=["None", "number", "text", "object"]
)
def test_things_that_are_no_image(thing: Any) -> None:
    with pytest.raises(UsageError, match="expected a path, bytes, a binary file object"):
        ImageProcessor().resize(thing, width=10)


def test_chain_is_encoded_once_and_only_when_asked(
    photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def counting(*arguments: Any) -> Encoded:
        calls.append(arguments)
        return encode(*arguments)

    monkeypatch.setattr("imgflow.processed.encode", counting)
    result = ImageProcessor().process(
        photo,
        [
            {"op": "convert", "format": "jpeg", "quality": 1},
            {"op": "resize", "width": 400},
            {"op": "convert", "format": "png"},
        ],
    )
    assert result.size == (400, 300)
    result.to_pillow()
    assert not calls
    assert result.data is result.data
    assert len(calls) == 1
    plain = ImageProcessor().resize(photo, width=400).to_numpy()
    assert np.array_equal(samples.decoded(result.data), plain)


def test_pixels_can_be_asked_for_again_and_again(photo: bytes) -> None:
    result = ImageProcessor().resize(photo, width=200)
    first, second = result.to_numpy(), result.to_numpy()
    assert np.array_equal(first, second)
    assert samples.likeness(samples.decoded(result.data), first) > 0.9
    assert np.array_equal(np.asarray(result.to_pillow()), first)


@pytest.mark.parametrize("name", ["out.webp", "out.PNG", "out.jpeg"])
def test_extension_decides_the_format(in_folder: Path, name: str) -> None:
    result = ImageProcessor().resize("input.jpg", width=100)
    result.save(name)
    expected = {"webp": "WEBP", "png": "PNG", "jpeg": "JPEG"}[name.split(".")[1].lower()]
    written = opened((in_folder / name).read_bytes())
    assert (written.format, written.size) == (expected, (100, 75))


def test_file_without_extension_gets_the_data(in_folder: Path) -> None:
    result = ImageProcessor().resize("input.jpg", width=100)
    result.save(in_folder / "out")
    assert (in_folder / "out").read_bytes() == result.data


@pytest.mark.usefixtures("in_folder")
def test_extension_against_the_chain() -> None:
    result = ImageProcessor().convert("input.jpg", format="webp")
    with pytest.raises(UsageError, match=r"out.jpg: expected the extension .webp") as caught:
        result.save("out.jpg")
    assert caught.value.code == "format-mismatch"
    assert os.listdir() == ["input.jpg"]


@pytest.mark.usefixtures("in_folder")
def test_extension_of_no_format() -> None:
    with pytest.raises(EncodeError, match="expected an extension of a known format"):
        ImageProcessor().resize("input.jpg", width=10).save("out.wepb")


@pytest.mark.usefixtures("in_folder")
def test_folder_that_cannot_be_made() -> None:
    with pytest.raises(StorageError):
        ImageProcessor().resize("input.jpg", width=10).save("input.jpg/out.jpg")


@pytest.mark.usefixtures("in_folder")
def test_save_makes_folders_and_leaves_nothing_else() -> None:
    ImageProcessor().resize("input.jpg", width=10).save("a/b/out.jpg")
    assert os.listdir("a/b") == ["out.jpg"]


def test_damaged_file_is_an_error_when_pixels_are_needed(photo: bytes) -> None:
    with pytest.raises(SourceError, match="damaged"):
        _ = ImageProcessor().resize(photo[: len(photo) // 2], width=100).data


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "source-empty"), (b"text", "source-unsupported")],
)
def test_no_image(data: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        ImageProcessor().resize(data, width=100)
    assert caught.value.code == code


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing there"):
        ImageProcessor().resize(tmp_path / "gone.jpg", width=100)


def test_limits_hold(photo: bytes) -> None:
    with pytest.raises(SourceError, match="megapixels"):
        ImageProcessor(limits=Limits(frame_pixels=1000)).resize(photo, width=10)


@pytest.mark.parametrize(
    "step",
    [{"op": "resiez"}, {"op": "resize"}, {"op": "resize", "widht": 3}, {"width": 3}],
    ids=["operation", "nothing to do", "parameter", "no operation"],
)
def test_wrong_steps(photo: bytes, step: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=r"steps\[0\]"):
        ImageProcessor().process(photo, [step])


def test_unknown_policies(photo: bytes) -> None:
    wrong: Any = "p4"
    with pytest.raises(UsageError, match="profile: expected one of srgb, p3, keep, found 'p4'"):
        ImageProcessor(profile=wrong)
    with pytest.raises(RecipeError, match="metadata: expected"):
        _ = ImageProcessor(metadata="some").convert(photo, format="webp").data


def test_unknown_format(photo: bytes) -> None:
    with pytest.raises(RecipeError, match="did you mean 'webp'"):
        ImageProcessor().convert(photo, format="wepb")


def test_named_parameters_are_those_of_the_operations() -> None:
    for method, op in ((ImageProcessor.resize, "resize"), (ImageProcessor.crop, "crop")):
        named = set(inspect.signature(method).parameters) - {"self", "image", "options"}
        assert named <= set(OPERATIONS[op].__struct_fields__)


def test_notes_tell_of_distortion(photo: bytes) -> None:
    notes = ImageProcessor().resize(photo, width=300, height=300).notes
    assert [note.kind for note in notes] == ["warning"]


def test_everything_exported_is_there() -> None:
    for name in imgflow.__all__:
        assert getattr(imgflow, name) is not None
    assert issubclass(SourceError, ImgflowError)
    with pytest.raises(AttributeError, match="no attribute 'resize'"):
        _ = imgflow.resize


@pytest.mark.parametrize("steps", [None, 5, "flip", {"op": "flip"}, ["flip"], [None]])
def test_steps_that_are_none(photo: bytes, steps: Any) -> None:
    with pytest.raises((UsageError, RecipeError), match=r"like \{'op': 'flip'\}, found"):
        ImageProcessor().process(photo, steps)


@pytest.mark.parametrize("parameter", [{"width": None}, {}])
def test_a_parameter_of_nothing_is_none(photo: bytes, parameter: dict[str, None]) -> None:
    with pytest.raises(RecipeError, match="expected 'width', 'height' or 'percent'"):
        ImageProcessor().process(photo, [{"op": "resize", **parameter}])


@pytest.mark.parametrize(
    ("mode", "result"),
    [
        ("1", "L"),
        ("LA", "LA"),
        ("La", "LA"),
        ("P", "RGB"),
        ("PA", "RGBA"),
        ("RGBa", "RGBA"),
        ("RGBX", "RGB"),
        ("YCbCr", "RGB"),
        ("I;16B", "I;16"),
        ("I;16L", "I;16"),
    ],
)
def test_pillow_modes_become_the_nearest_of_ours(mode: str, result: str) -> None:
    picture = Image.new("RGB", (20, 10), (200, 100, 50))
    through = {"La": "LA", "RGBa": "RGBA", "PA": "P"}.get(mode)
    if mode.startswith("I"):
        picture = Image.new(mode, (20, 10), 40000)
    else:
        picture = (picture.convert(through) if through else picture).convert(mode)
    made = ImageProcessor().process(picture, []).to_pillow()
    assert made.mode == result
    expected = 40000 if mode.startswith("I") else picture.convert(result).getpixel((3, 3))
    assert made.getpixel((3, 3)) == expected


@pytest.mark.parametrize(("mode", "clear"), [("P", 0), ("L", 7), ("RGB", (7, 7, 7))])
def test_pillow_images_with_a_transparent_colour(mode: str, clear: Any) -> None:
    picture = Image.new(mode, (20, 10), 0 if mode == "P" else clear)
    picture.info["transparency"] = clear
    made = ImageProcessor().process(picture, []).to_pillow()
    assert made.getpixel((3, 3))[-1] == 0  # type: ignore[index]


@pytest.mark.parametrize("picture", [Image.new("F", (5, 5)), Image.new("RGB", (0, 5))])
def test_pillow_images_that_are_no_picture(picture: Image.Image) -> None:
    with pytest.raises(UsageError, match="expected a Pillow image with pixels"):
        ImageProcessor().process(picture, [])


class Failing(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002
        message = "the line went dead"
        raise OSError(message)


class Growing:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytearray:
        return bytearray(self.data)


def test_odd_files(photo: bytes) -> None:
    closed = io.BytesIO(photo)
    closed.close()
    for file, message in ((Failing(), "the line went dead"), (closed, "closed file")):
        with pytest.raises(SourceError, match=message):
            ImageProcessor().resize(file, width=10)
    growing: Any = Growing(photo)
    assert ImageProcessor().resize(growing, width=100).size == (100, 75)


def test_eight_threads_make_what_one_makes() -> None:
    photos = [samples.encoded(np.roll(samples.portrait(), 50 * by, axis=1)) for by in range(8)]
    steps: list[dict[str, Any]] = [
        {"op": "crop", "aspect": "4:3", "gravity": "faces"},
        {"op": "resize", "width": 120},
        {"op": "text", "text": "words", "size": "20%"},
        {"op": "convert", "format": "webp", "effort": 0},
    ]
    processor = ImageProcessor()
    alone = [processor.process(photo, steps).data for photo in photos]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda photo: processor.process(photo, steps).data, photos))
    assert together == alone
