"""The recipes that come along, each run on four photos: what they say is what they make."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import samples
from PIL import Image, ImageOps
from PIL.ExifTags import Base

import imgflow

Sizes = dict[str, tuple[int, int]]

RECIPES = Path(__file__).parent.parent / "recipes"
PHOTOS = ("portrait.jpg", "cutout.png", "turned.jpg", "trip/wide.jpg")
STEMS = tuple(name.partition(".")[0] for name in PHOTOS)
#: The cutout is an ellipse that fills this box: left, top, right, bottom.
CUTOUT = (60, 40, 540, 360)
FORMATS = {".avif": "AVIF", ".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
HASH = re.compile(r"\.[0-9a-f]{8}\.")


def jpegs(*sizes: tuple[int, int]) -> Sizes:
    return {f"{stem}.jpg": size for stem, size in zip(STEMS, sizes, strict=True)}


def squares(name: str, *sides: tuple[int, ...]) -> Sizes:
    return {
        name.format(stem=stem, side=side): (side, side)
        for stem, those in zip(STEMS, sides, strict=True)
        for side in those
    }


def web_photos(*sizes: tuple[tuple[int, int], ...]) -> Sizes:
    widths = {
        f"{stem}-{width}w.{extension}": (width, height)
        for stem, those in zip(STEMS, sizes, strict=True)
        for width, height in those
        for extension in ("avif", "webp", "jpg")
    }
    return widths | {f"{stem}-og.jpg": (1200, 630) for stem in STEMS}


PROMISES: dict[str, Sizes] = {
    "avatars": squares(
        "{stem}-{side}.webp",
        (64, 128, 256, 512),
        (64, 128, 256, 400),
        (64, 128, 256, 480),
        (64, 128, 256, 512),
    ),
    "email": jpegs((512, 640), (600, 400), (480, 640), (1200, 900)),
    "og-card": jpegs(*[(1200, 630)] * 4),
    "optimise": dict(zip(PHOTOS, ((512, 640), (600, 400), (640, 480), (2400, 1800)), strict=True)),
    "product-thumbnails": {
        name: size
        for extension in ("webp", "jpg")
        for name, size in (
            squares("{stem}-{side}." + extension, *[(160, 320)] * 4)
            | {
                f"{stem}-zoom.{extension}": (side, side)
                for stem, side in zip(STEMS, (640, 480, 640, 1600), strict=True)
            }
        ).items()
    },
    "watermark": jpegs((512, 640), (600, 400), (480, 640), (2048, 1536)),
    "web-photo": web_photos(
        ((512, 288),),
        ((600, 338),),
        ((480, 270),),
        ((480, 270), (960, 540), (1600, 900)),
    ),
}


def scaled(pixels: samples.Pixels, size: tuple[int, int]) -> Image.Image:
    return Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)


def cutout() -> bytes:
    left, top, right, bottom = CUTOUT
    y, x = np.mgrid[0.5:400, 0.5:600]
    across = (2 * x - left - right) / (right - left)
    down = (2 * y - top - bottom) / (bottom - top)
    alpha = np.where(np.hypot(across, down) <= 1, 255, 0).astype(np.uint8)
    return samples.encoded(np.dstack([samples.coffee(), alpha]))


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("named")
    (folder / "photos" / "trip").mkdir(parents=True)
    on_its_side = Image.Exif()
    on_its_side[Base.Orientation] = 6
    files = (
        samples.encoded(scaled(samples.portrait()[:, :410], (512, 640)), "JPEG", quality=90),
        cutout(),
        samples.encoded(scaled(samples.cameraman()[:384], (640, 480)), "JPEG", exif=on_its_side),
        samples.encoded(scaled(samples.coffee()[:, :533], (2400, 1800)), "JPEG", quality=95),
    )
    for name, file in zip(PHOTOS, files, strict=True):
        (folder / "photos" / name).write_bytes(file)
    (folder / "mark.png").write_bytes(samples.encoded(np.full((50, 100, 3), (255, 0, 0), np.uint8)))
    return folder


@pytest.fixture(autouse=True)
def working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("IMGFLOW_RECIPES", raising=False)


def made(recipe: str, out: Path, photos: str = "photos", jobs: int = 1) -> dict[str, bytes]:
    sets = {"mark": "mark.png"} if recipe == "watermark" else {}
    results = imgflow.run(recipe, [photos], out=str(out), sets=sets, jobs=jobs)
    assert [result.error for result in results if result.error] == []
    written = {output.path for result in results for output in result.outputs}
    files = {path for path in out.rglob("*") if path.is_file()}
    assert written == {str(path) for path in files}
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_every_recipe_is_tested_here() -> None:
    assert {path.stem for path in RECIPES.glob("*.yaml")} == set(PROMISES)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", PROMISES)
def test_makes_the_promised_files(recipe: str, tmp_path: Path) -> None:
    files = made(recipe, tmp_path / "one")
    images = {name: Image.open(io.BytesIO(file)) for name, file in files.items()}
    assert {HASH.sub(".", name): image.size for name, image in images.items()} == PROMISES[recipe]
    for name, image in images.items():
        image.load()
        assert image.format == FORMATS[Path(name).suffix]
    assert made(recipe, tmp_path / "two", jobs=2) == files


def test_optimised_files_never_grow_and_look_the_same(tmp_path: Path) -> None:
    files = made("optimise", tmp_path, "photos/turned.jpg")
    source = Path("photos/turned.jpg").read_bytes()
    assert len(files["turned.jpg"]) <= len(source)
    seen, expected = (
        np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))))
        for file in (files["turned.jpg"], source)
    )
    assert samples.likeness(seen, expected) > 0.95


def test_email_photos_are_upright(tmp_path: Path) -> None:
    files = made("email", tmp_path, "photos/turned.jpg")
    source = ImageOps.exif_transpose(Image.open("photos/turned.jpg"))
    assert samples.likeness(samples.decoded(files["turned.jpg"]), np.asarray(source)) > 0.95


def test_products_stand_in_a_white_square(tmp_path: Path) -> None:
    files = made("product-thumbnails", tmp_path, "photos/cutout.png")
    zoom = samples.decoded(files["cutout-zoom.webp"])
    assert zoom.shape == (480, 480, 3)
    left, top, right, bottom = CUTOUT
    assert zoom[:70].min() > 240
    assert zoom[-70:].min() > 240
    assert zoom[80:100, :100].min() > 240
    product = samples.coffee()[top:bottom, left:right]
    assert samples.likeness(zoom[140:340, 100:380], product[60:260, 100:380]) > 0.9


def test_the_caption_of_a_card_can_be_read_on_white(tmp_path: Path) -> None:
    card = samples.decoded(made("og-card", tmp_path, "photos/cutout.png")["cutout.jpg"], "L")
    foot = card[-95:-40, 40:100]
    assert card[-30:, :30].min() > 240
    assert np.median(foot) < 128
    assert foot.max() > 200


def test_the_watermark_lies_in_the_corner(tmp_path: Path) -> None:
    marked = samples.decoded(made("watermark", tmp_path, "photos/portrait.jpg")["portrait.jpg"])
    source = samples.decoded(Path("photos/portrait.jpg").read_bytes())
    redness = [pixels[..., 0].astype(int) - pixels[..., 1] for pixels in (marked, source)]
    rows, columns = np.nonzero(redness[0] - redness[1] > 100)
    assert samples.likeness(marked[:500], source[:500]) > 0.9
    assert np.ptp(columns) == pytest.approx(102, abs=4)
    assert rows.min() > 560
    assert columns.min() > 380
