"""``imgflow ladder``."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from command import Done
from ladders import a_ladder

from imgflow.cli.ladder_table import print_ladder

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]


@pytest.fixture(autouse=True)
def cat(folder: Path) -> Path:
    (folder / "cat.png").write_bytes(samples.encoded(samples.cat()[40:140, 60:220]))
    return folder


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_ladder(a_ladder())
    out = capsys.readouterr().out
    assert (
        out
        == """\
photos/cat.jpg, jpeg 1280x960, 400 kB; at 640x480, effort balanced

format   quality  chroma     size   bits/px  score  level              chosen
jpeg          40  4:2:0   20.0 kB      0.52   58.0  medium
              66  4:2:0   33.0 kB      0.86   70.9  good               <- 70
              75  4:2:0   40.0 kB      1.04   75.5  good
              83  4:2:0   55.0 kB      1.43   80.2  high               <- 80
              90  4:2:0   80.0 kB      2.08   85.2  high
              97  4:2:0    200 kB      5.21   91.5  visually lossless  <- 90

webp          40  4:2:0   15.0 kB      0.39   55.0  medium
              71  4:2:0   30.0 kB      0.78   70.5  good               <- 70
              80  4:2:0   36.0 kB      0.94   76.0  good
              87  4:2:0   52.0 kB      1.35   79.7  good               <- 80
             100  4:2:0    150 kB      3.91   89.2  high               <- 90?

png     lossless           700 kB     18.23  100.0  visually lossless

? the best there is: the format does not reach that score

smallest at each level
  good (70)               webp 30.0 kB (quality 71), jpeg +10%, png 23.3 x
  high (80)               webp 52.0 kB (quality 87), jpeg +6%, png 13.5 x
  visually lossless (90)  jpeg 200 kB (quality 97), png 3.5 x
"""
    )


def test_json(here: Here) -> None:
    done = here("ladder", "cat.png", "--formats", "jpg,webp,jpeg", "--effort", "fast", "--json")
    assert (done.code, done.err) == (0, "")
    (told,) = done.lines
    assert (told["name"], told["width"], told["height"], told["effort"]) == (
        *("cat.png", 160, 100),
        "fast",
    )
    assert [curve["format"] for curve in told["curves"]] == ["jpeg", "webp"]
    for curve in told["curves"]:
        assert [choice["level"] for choice in curve["choices"]] == [
            *("good", "high"),
            "visually-lossless",
        ]
        assert set(curve["rungs"][0]) == {
            *("format", "quality", "chroma", "bytes", "bits_per_pixel", "score", "level")
        }
    assert [rung["format"] for rung in told["lossless"]] == ["png"]


@pytest.mark.parametrize("ending", ["svg", "png", "html", "SVG"])
def test_plot(here: Here, cat: Path, ending: str) -> None:
    name = f"plots/cat.{ending}"
    made = []
    for _ in range(2):
        done = here("ladder", "cat.png", "--formats", "jpeg", "--effort", "fast", "--plot", name)
        assert (done.code, done.err) == (0, "")
        assert max(map(len, done.out.splitlines())) <= 80
        made.append((cat / name).read_bytes())
    assert made[0] == made[1]
    if ending.lower() == "svg":
        assert ET.fromstring(made[0]).tag.endswith("svg")  # noqa: S314 -- ours
    starts = {"svg": b"<svg", "png": b"\x89PNG", "html": b"<!doctype html>"}
    assert made[0].startswith(starts[ending.lower()])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Missing argument 'IMAGE'. See 'imgflow ladder --help'."),
        (["none.jpg"], 3, "none.jpg: expected an image file, found nothing there"),
        (
            ["tiny.png"],
            3,
            (
                "tiny.png: expected at least 8x8 pixels, below which pictures cannot be "
                "compared, found 20x5"
            ),
        ),
        (
            ["cat.png", "--formats", "jpgg"],
            2,
            "--formats: expected a format, found 'jpgg'; did you mean 'jpg'?",
        ),
        (
            ["cat.png", "--formats", "gif"],
            2,
            (
                "--formats: expected a format with qualities, found 'gif'; one of avif, heic, "
                "jpeg, jxl, png, webp"
            ),
        ),
        (
            ["cat.png", "--formats", ","],
            2,
            "--formats: expected formats like jpeg,webp, found ','",
        ),
        (
            ["cat.png", "--plot", "cat.pdf"],
            2,
            "--plot: expected a name that ends in .svg, .png or .html, found 'cat.pdf'",
        ),
        (
            ["cat.png", "--plot", "./cat.png"],
            2,
            "--plot: expected a file of its own, found './cat.png'",
        ),
        (
            ["cat.png", "--plot", "shelf.svg"],
            2,
            "--plot: expected the name of a file, found the folder 'shelf.svg'",
        ),
    ],
)
def test_what_cannot_be_done(
    here: Here, cat: Path, arguments: list[str], code: int, message: str
) -> None:
    (cat / "tiny.png").write_bytes(samples.encoded(samples.cat()[:5, :20]))
    (cat / "shelf.svg").mkdir()
    before = sorted(cat.iterdir())
    done = here("ladder", *arguments)
    assert (done.code, done.out, done.err) == (code, "", message + "\n")
    done = here("ladder", *arguments, "--json")
    assert done.code == code
    assert json.loads(done.out)["error"]["message"] == message
    assert sorted(cat.iterdir()) == before


def test_a_place_that_cannot_be_written(here: Here, cat: Path) -> None:
    (cat / "taken").write_text("a file, no folder")
    done = here(
        *("ladder", "cat.png", "--formats", "jpeg", "--effort", "fast"),
        *("--plot", "taken/cat.svg"),
    )
    assert done.code == 3
    assert "taken" in done.err
    assert done.out == ""
