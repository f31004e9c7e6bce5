"""The example pictures: what they are there to show, and that they can be rendered again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import samples
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

EXAMPLES = Path(__file__).parent.parent / "examples"
PHOTOS = EXAMPLES / "photos"


def photos() -> list[Path]:
    return sorted(path for path in PHOTOS.rglob("*") if path.is_file())


def tags(path: Path) -> Image.Exif:
    with Image.open(path) as image:
        return image.getexif()


def test_six_pictures_of_less_than_1500_kb() -> None:
    assert len(photos()) == 6
    assert sum(path.stat().st_size for path in photos()) < 1_500_000


def test_one_is_stored_on_its_side() -> None:
    turned = [path.name for path in photos() if tags(path).get(Base.Orientation) == 6]
    assert turned == ["milky-way.jpg"]


def test_one_says_whose_it_is_and_where_it_was_taken() -> None:
    exif = tags(PHOTOS / "dunes-at-dusk.jpg")
    assert exif[Base.Copyright] == "Example photos, CC0"
    assert exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] == "N"
    assert [path.name for path in photos() if IFD.GPSInfo in tags(path)] == ["dunes-at-dusk.jpg"]


def test_one_is_a_png_with_transparency() -> None:
    (leaf,) = PHOTOS.glob("*.png")
    alpha = samples.decoded(leaf.read_bytes(), "RGBA")[..., 3]
    assert (alpha.min(), alpha.max()) == (0, 255)


def test_one_lies_in_a_folder() -> None:
    assert [path.relative_to(PHOTOS).as_posix() for path in photos() if path.parent != PHOTOS] == [
        "coast/waves.jpg"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["maple-leaf.png", "milky-way.jpg"])
def test_a_picture_can_be_rendered_again(name: str, tmp_path: Path) -> None:
    script = str(EXAMPLES / "render_photos.py")
    command = [sys.executable, script, str(tmp_path / "new"), "--only", name]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]
    new, kept = tmp_path / "new" / name, PHOTOS / name
    assert tags(new).get(Base.Orientation) == tags(kept).get(Base.Orientation)
    one, two = (samples.decoded(path.read_bytes()) for path in (new, kept))
    assert one.shape == two.shape
    assert samples.likeness(*(np.asarray(each[..., 1]) for each in (one, two))) > 0.99
