"""The page of two pictures: whole in itself, as its parts and in a real browser."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import samples
from browser import Browser, browse
from PIL import Image

from imgflow.pages.comparison_page import render_comparison
from imgflow.quality.comparison import FilePair
from imgflow.source import Source

LEFT, RIGHT = "\ue012", "\ue014"


class Parts(HTMLParser):
    """Tags with their attributes, and the tags that were not closed."""

    _VOID = ("meta", "img", "input", "link", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(one: bytes, two: bytes, name: str = "cat.png", other: str = "cat.jpg") -> str:
    pair = FilePair(Source(name, data=one), Source(other, data=two))
    return render_comparison(pair, pair.compare())


def embedded(text: str) -> list[tuple[str, bytes]]:
    """The media types and bytes of the pictures."""
    found = []
    for image in Parts(text).all("img"):
        kind, _, data = image["src"].partition(";base64,")
        found.append((kind.removeprefix("data:"), base64.b64decode(data)))
    return found


def cat() -> Any:
    return samples.cat()[60:220, 100:340]


def test_structure() -> None:
    parts = Parts(page(samples.encoded(cat()), samples.encoded(cat(), "JPEG", quality=40)))
    assert parts.open == []
    assert parts.all("html") == [{"lang": "en"}]
    assert len(parts.all("h1")) == len(parts.all("main")) == 1
    assert all(image["src"].startswith("data:image/") for image in parts.all("img"))
    assert all(image["alt"] for image in parts.all("img"))
    assert [tag for tag in ("link", "iframe", "a", "form") if parts.all(tag)] == []
    assert all("src" not in script for script in parts.all("script"))
    ids = [attributes["id"] for _, attributes in parts.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {label["for"] for label in parts.all("label")} == {"divider", "zoom"}


def test_files_that_browsers_know_are_in_it_as_they_are() -> None:
    exif = Image.Exif()
    exif[0x8298] = "Somebody at home"
    one = samples.encoded(cat())
    two = samples.encoded(cat(), "JPEG", quality=60, exif=exif)
    assert b"Somebody" in two
    (kind, before), (other, after), (heat, _) = embedded(page(one, two))
    assert (kind, other, heat) == ("image/png", "image/jpeg", "image/png")
    assert np.array_equal(samples.decoded(before), cat())
    assert np.array_equal(samples.decoded(after), samples.decoded(two))
    assert b"Somebody" not in after


@pytest.mark.parametrize("kind", ["tiff", "turned", "animated"])
def test_all_else_is_shown_as_it_was_judged(kind: str) -> None:
    one = Image.fromarray(cat())
    if kind == "tiff":
        data = samples.encoded(one, "TIFF")
    elif kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        data = samples.encoded(one.transpose(Image.Transpose.ROTATE_90), exif=exif)
    else:
        other = Image.fromarray(cat()[::-1])
        data = samples.encoded(
            one, "WEBP", save_all=True, append_images=[other], lossless=True, duration=90
        )
    pictures = embedded(page(data, samples.encoded(one)))
    assert pictures[0][0] == "image/webp"
    assert np.array_equal(samples.decoded(pictures[0][1], "RGB"), cat())


def test_cmyk_is_shown_in_srgb() -> None:
    data = samples.encoded(Image.fromarray(cat()).convert("CMYK"), "JPEG", quality=95)
    (kind, shown), *_ = embedded(page(data, samples.encoded(cat())))
    assert kind == "image/webp"
    assert Image.open(io.BytesIO(shown)).mode == "RGB"


def test_names_are_only_text() -> None:
    nasty = '<img src=x onerror="alert(1)">&.png'
    text = page(samples.encoded(cat()), samples.encoded(cat()), nasty, "b.png")
    assert len(Parts(text).all("img")) == 3
    assert "identical, no pixel differs" in text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browse() as found:
        yield found


@pytest.mark.slow
def test_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    one, two = np.zeros((120, 800, 3), np.uint8), np.full((120, 800, 3), 255, np.uint8)
    path = tmp_path / "page.html"
    path.write_text(page(samples.encoded(one), samples.encoded(two), "black.png", "white.png"))
    browser.look(1200, 900)
    browser.open(path.as_uri())
    assert _split(browser, tmp_path) == pytest.approx(0.5, abs=0.01)
    browser.script("document.getElementById('divider').focus()")
    for _ in range(10):
        browser.key(RIGHT)
    assert browser.script("return document.getElementById('divider').value") == "60"
    assert _split(browser, tmp_path) == pytest.approx(0.6, abs=0.01)
    browser.click("#flip")
    assert _split(browser, tmp_path) == 1
    assert browser.script("return document.getElementById('flip').ariaPressed") == "true"
    browser.click("#flip")
    assert _split(browser, tmp_path) == 0
    assert browser.complaints() == []


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_phone(browser: Browser, tmp_path: Path, *, dark: bool) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(samples.encoded(samples.cat()), samples.encoded(samples.cat(), "JPEG")))
    browser.look(360, 640, dark=dark)
    browser.open(path.as_uri())
    assert browser.script("return document.documentElement.scrollWidth") == 360
    assert browser.script("return document.getElementById('pair').offsetWidth") == 451
    at = "return parseFloat(getComputedStyle(document.getElementById('edge')).left)"
    before = browser.script(at)
    browser.script("document.getElementById('stage').scrollLeft = 100")
    browser.wait(lambda: browser.script(at) == before + 100)
    browser.script(
        "const zoom = document.getElementById('zoom'); zoom.value = 'fit';"
        "zoom.dispatchEvent(new Event('change'))"
    )
    stage = browser.script("return document.getElementById('stage').clientWidth")
    assert browser.script("return document.getElementById('pair').offsetWidth") == stage > 280
    shades = browser.script("return getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, shades[4:-1].split(","))) < 60) == dark


def _split(browser: Browser, folder: Path) -> float:
    """Return which share of the pictures' width, from the left, is that of the first."""
    box = browser.script(
        "const box = document.getElementById('pair').getBoundingClientRect();"
        "return [box.left, box.top, box.width, box.height]"
    )
    shot = folder / "shot.png"
    browser.picture(shot)
    left, top, width, height = map(round, box)
    pixels = np.asarray(Image.open(shot).convert("L"))
    row = pixels[top + height // 2, left + 2 : left + width - 2]
    return float((row < 128).mean())
