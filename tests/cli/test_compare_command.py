"""``imgflow compare``."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import samples
from command import Done
from PIL import Image

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]


@pytest.fixture(autouse=True)
def cats(folder: Path) -> Path:
    """The cat, and what JPEG makes of it."""
    (folder / "cat.png").write_bytes(samples.encoded(samples.cat()))
    for quality in (40, 97):
        data = samples.encoded(samples.cat(), "JPEG", quality=quality)
        (folder / f"cat-{quality}.jpg").write_bytes(data)
    return folder


def animation(*frames: int) -> bytes:
    """A lossless animation of the cat, turned about by so many pixels in each frame."""
    pictures = [Image.fromarray(np.roll(samples.cat()[:120, :160], by, axis=1)) for by in frames]
    stream = io.BytesIO()
    pictures[0].save(
        stream, "WEBP", save_all=True, append_images=pictures[1:], lossless=True, duration=50
    )
    return stream.getvalue()


def test_what_it_says(here: Here) -> None:
    done = here("compare", "cat.png", "cat-97.jpg")
    assert done.code == 0
    assert done.err == ""
    original, image, *score = done.out.splitlines()
    assert original.startswith("original  cat.png, png 451x300, ")
    assert image.startswith("image     cat-97.jpg, jpeg 451x300, ")
    assert image.endswith("% of the original")
    assert " ".join(" ".join(score).split()) == (
        "score 93.26: visually lossless, not noticeable even when one flips between the two"
    )


def test_json(here: Here, cats: Path) -> None:
    (told,) = here("compare", "cat.png", "cat-40.jpg", "--json").lines
    assert told["score"] == pytest.approx(62.3, abs=3)
    assert (told["level"], told["identical"], told["notes"]) == ("medium", False, [])
    assert told["picture"] == {
        "name": "cat-40.jpg",
        "format": "jpeg",
        "bytes": (cats / "cat-40.jpg").stat().st_size,
        "width": 451,
        "height": 300,
        "frames": 1,
    }


def test_identical(here: Here, cats: Path) -> None:
    (cats / "cat.webp").write_bytes(samples.encoded(samples.cat(), "WEBP", lossless=True))
    done = here("compare", "cat.png", "cat.webp")
    assert done.out.endswith("score     100: identical, no pixel differs\n")
    (told,) = here("compare", "cat.png", "cat.webp", "--json").lines
    assert (told["score"], told["identical"]) == (100, True)


def test_pictures_are_compared_upright(here: Here, cats: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(samples.cat())))
    (cats / "turned.png").write_bytes(samples.encoded(turned, exif=exif))
    (told,) = here("compare", "cat.png", "turned.png", "--json").lines
    assert told["identical"]


def test_the_worst_frame_counts(here: Here, cats: Path) -> None:
    (cats / "one.webp").write_bytes(animation(0, 10, 20))
    (cats / "two.webp").write_bytes(animation(0, 14, 20))
    done = here("compare", "one.webp", "two.webp")
    assert " 3 frames, " in done.out
    assert " in frame 2: " in done.out
    (told,) = here("compare", "one.webp", "two.webp", "--json").lines
    assert told["frame"] == 1
    assert told["score"] < 60


def test_first_frames_if_there_are_more_in_one(here: Here, cats: Path) -> None:
    (cats / "one.webp").write_bytes(animation(0, 10, 20))
    (cats / "two.webp").write_bytes(animation(0, 10))
    done = here("compare", "one.webp", "two.webp")
    assert done.code == 0
    assert "identical" in done.out
    assert done.err == (
        "only the first frames were compared: there are 3 in one.webp and 2 in two.webp\n"
    )


def test_difference_picture(here: Here, cats: Path) -> None:
    worse = samples.cat()
    worse[100:200, 300:400] = worse[100:200:4, 300:400:4].repeat(4, 0).repeat(4, 1)
    (cats / "worse.png").write_bytes(samples.encoded(worse))
    assert here("compare", "cat.png", "worse.png", "--diff", "diff.png").code == 0
    drawn = samples.decoded((cats / "diff.png").read_bytes())
    assert drawn.shape == (300, 451, 3)
    vivid = np.ptp(drawn, axis=2)
    assert vivid[120:180, 320:380].mean() > 80
    assert vivid[:, :250].max() < 8
    assert not list(cats.glob("*.tmp*"))


def test_page(here: Here, cats: Path) -> None:
    pages = []
    for _ in range(2):
        done = here("compare", "cat.png", "cat-40.jpg", "--page", "both/page.html")
        assert (done.code, done.err) == (0, "")
        pages.append((cats / "both/page.html").read_bytes())
    assert pages[0] == pages[1]
    assert pages[0].startswith(b"<!doctype html>")


def test_the_same_twice(here: Here, cats: Path) -> None:
    drawn = []
    for _ in range(2):
        done = here("compare", "cat.png", "cat-40.jpg", "--json", "--diff", "diff.png")
        drawn.append((done.out, (cats / "diff.png").read_bytes()))
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["cat.png"], 2, "Missing argument 'IMAGE'. See 'imgflow compare --help'."),
        (
            ["cat.png", "photos/cup.jpg"],
            2,
            (
                "photos/cup.jpg: expected 451x300 pixels, as cat.png has, found 600x400; "
                "resize one of them first"
            ),
        ),
        (
            ["cat.png", "cat-40.jpg", "--diff", "diff.jpg"],
            2,
            "--diff: expected a name that ends in .png, found 'diff.jpg'",
        ),
        (
            ["cat.png", "cat-40.jpg", "--diff", "./cat.png"],
            2,
            "--diff: expected a file of its own, found './cat.png'",
        ),
        (
            ["cat.png", "cat-40.jpg", "--page", "page.htm"],
            2,
            "--page: expected a name that ends in .html, found 'page.htm'",
        ),
        (["cat.png", "none.jpg"], 3, "none.jpg: expected an image file, found nothing there"),
        (
            ["tiny.png", "tinier.png"],
            3,
            (
                "tiny.png: expected at least 8x8 pixels, below which pictures cannot be "
                "compared, found 20x5"
            ),
        ),
        (
            ["cat.png", "cat-40.jpg", "--max-megapixels", "0.1"],
            3,
            (
                "cat.png: expected at most 0.1 megapixels a frame, found 0 (451x300); raise the "
                "limit with --max-megapixels if you trust the file"
            ),
        ),
    ],
)
def test_what_cannot_be_compared(
    here: Here, cats: Path, arguments: list[str], code: int, message: str
) -> None:
    for name, by in (("tiny", 0), ("tinier", 9)):
        pixels = np.roll(samples.cat(), by, axis=1)[:5, :20]
        (cats / f"{name}.png").write_bytes(samples.encoded(pixels))
    before = sorted(cats.iterdir())
    done = here("compare", *arguments)
    assert (done.code, done.out, done.err) == (code, "", message + "\n")
    done = here("compare", *arguments, "--json")
    assert done.code == code
    assert json.loads(done.out)["error"]["message"] == message
    assert sorted(cats.iterdir()) == before


def test_a_damaged_picture(here: Here, cats: Path) -> None:
    (cats / "half.jpg").write_bytes((cats / "cat-97.jpg").read_bytes()[:9000])
    done = here("compare", "cat.png", "half.jpg")
    assert done.code == 3
    assert done.err.startswith("half.jpg: expected a whole jpeg image, found a damaged one: ")
