"""The page of a run in a real browser: listed, filtered, opened and compared, by keys too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import samples
from browser import Browser, browse
from reports import done, failed, put, report, written

from imgflow.budgets import Budgets, judge_budgets

pytestmark = pytest.mark.slow
ENTER, ESCAPE, RIGHT, DOWN = "\ue007", "\ue00c", "\ue014", "\ue015"
FOUND = "return [...document.querySelectorAll('#list .open')].map((one) => one.textContent)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browse() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty images, of which the page has room for the worst; the last source is gone."""
    folder = tmp_path_factory.mktemp("run")
    results = []
    for number in range(60):
        shade = np.full((300, 500, 3), 4 * number, np.uint8)
        source = put(folder, f"in/shade-{number:02}.png", samples.encoded(shade))
        kind = "webp" if number % 2 else "jpeg"
        path = put(folder, f"out/shade-{number:02}.{kind}", samples.encoded(255 - shade, kind))
        results.append(done(source, written(path, score=40.0 + number), seconds=number / 10))
    (folder / "in/shade-59.png").unlink()
    target = folder / "report.html"
    stale = [f"photos/of-a-name-that-does-not-fit-on-phones/number-{n}.jpg" for n in range(9)]
    report([*results, failed("broken.jpg")], target, stale=stale, embedded=20_000)
    return target


def names(browser: Browser) -> list[str]:
    return [Path(name).stem for name in browser.script(FOUND)]


def test_filters_and_orders(browser: Browser, page: Path) -> None:
    browser.look(1200, 900)
    browser.open(page.as_uri())
    assert names(browser) == [f"shade-{number:02}" for number in range(60)]
    assert browser.text("#found") == "60 images"
    browser.write("#word", "SHADE-1")
    assert len(names(browser)) == 10
    assert browser.text("#found") == "10 of 60 images"
    choose(browser, "format", "webp")
    assert names(browser) == [f"shade-{number}" for number in range(11, 20, 2)]
    choose(browser, "order", "seconds")
    assert names(browser)[0] == "shade-19"
    browser.script("word.value = ''")
    choose(browser, "show", "low")
    assert len(names(browser)) == 15
    choose(browser, "show", "grown")
    assert set(names(browser)) == {name for name, share in shares(page).items() if share > 1}
    assert browser.complaints() == []


def test_thumbnails_come_once_they_are_near(browser: Browser, page: Path) -> None:
    browser.look(1200, 600)
    browser.open(page.as_uri())
    loaded = "return [...document.querySelectorAll('.thumb')].map((one) => one.naturalWidth > 1)"
    browser.wait(lambda: browser.script(loaded)[0] or browser.script("scrollBy(0, 200)"))
    assert not browser.script(loaded)[-1]
    browser.script("scrollTo(0, document.body.scrollHeight)")
    browser.wait(lambda: browser.script(loaded)[-1])


def test_by_keys_alone(browser: Browser, page: Path) -> None:
    browser.look(1200, 900)
    browser.open(page.as_uri())
    browser.script("document.querySelector('.open').focus()")
    browser.key(DOWN)
    browser.key(ENTER)
    assert browser.text("#viewed").endswith("shade-01.png")
    assert browser.script("return document.activeElement.id") == "divider"
    for _ in range(5):
        browser.key(RIGHT)
    assert browser.script("return pair.style.getPropertyValue('--at')") == "275px"
    browser.script("document.getElementById('next').focus()")
    browser.key(ENTER)
    assert browser.text("#viewed").endswith("shade-02.png")
    browser.key(ESCAPE)
    assert not browser.script("return viewer.open")
    assert browser.script("return document.activeElement.textContent").endswith("shade-02.png")
    assert browser.complaints() == []


@pytest.mark.parametrize("place", [0, 58], ids=["inside", "beside"])
def test_both_pictures_are_shown(browser: Browser, page: Path, place: int) -> None:
    browser.look(1200, 900)
    browser.open(page.as_uri())
    browser.script("document.querySelectorAll('.open')[arguments[0]].click()", place)
    browser.wait(lambda: browser.script("return before.naturalWidth === 500"))
    browser.wait(lambda: browser.script("return after.naturalWidth === 500"))
    assert browser.script("return before.src.startsWith('data:')") == (place == 0)
    assert ("from where they lie" in browser.text("#told")) == (place == 58)
    assert browser.script("return [pair.offsetWidth, pair.offsetHeight]") == [500, 300]
    assert browser.complaints() == []


def test_other_shapes_stand_beside_each_other(browser: Browser, tmp_path: Path) -> None:
    source = put(tmp_path, "in.png", samples.encoded(samples.cat()))
    square = put(tmp_path, "out.webp", samples.encoded(samples.cat()[:200, :200], "webp"))
    results = [done(source, written(square))]
    budgets = judge_budgets(Budgets(max_bytes=1), results)
    report(results, tmp_path / "report.html", stale=["new.jpg"], breaches=budgets)
    browser.look(1200, 900)
    browser.open((tmp_path / "report.html").as_uri())
    browser.click(".open")
    browser.wait(lambda: browser.script("return made.naturalWidth === 200"))
    browser.wait(lambda: browser.script("return source.naturalWidth === 451"))
    assert not browser.script("return stage.checkVisibility()")
    assert browser.script("return made.offsetWidth") == 200
    assert browser.complaints() == []


def test_what_cannot_be_shown_is_told(browser: Browser, page: Path) -> None:
    browser.look(1200, 900)
    browser.open(page.as_uri())
    browser.script("document.querySelectorAll('.open')[59].click()")
    browser.wait(lambda: "The original cannot be shown" in browser.text("#told"))
    browser.complaints()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_phone(browser: Browser, page: Path, *, dark: bool) -> None:
    browser.look(360, 640, dark=dark)
    browser.open(page.as_uri())
    assert browser.script("return document.documentElement.scrollWidth") == 360
    shades = browser.script("return getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, shades[4:-1].split(","))) < 60) == dark
    browser.script("document.querySelector('.open').click()")
    assert browser.script("return viewer.scrollWidth") == 360
    assert browser.script("return pair.offsetWidth") == 500
    small = browser.script(
        "return [...document.querySelectorAll('dialog button, dialog select, dialog input')]"
        ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).length"
    )
    assert small == 0


def shares(page: Path) -> dict[str, float]:
    """How long the WebP files of a page are, as a share of their sources."""
    files = {file.stem: file.stat().st_size for file in page.parent.glob("out/*.webp")}
    sources = {file.stem: file.stat().st_size for file in page.parent.glob("in/*")}
    # The last one's source is gone by now, and was as long as the one before.
    return {name: size / sources.get(name, sources["shade-58"]) for name, size in files.items()}


def choose(browser: Browser, control: str, value: str) -> None:
    browser.script(
        "const one = document.getElementById(arguments[0]); one.value = arguments[1];"
        "one.dispatchEvent(new Event('input'))",
        control,
        value,
    )


def test_names_of_what_is_stale_unfold(browser: Browser, page: Path) -> None:
    browser.look(360, 640)
    browser.open(page.as_uri())
    assert "number-8.jpg" not in browser.text("main")
    browser.click("summary")
    assert "number-8.jpg" in browser.text("main")
    assert browser.script("return document.documentElement.scrollWidth") == 360
