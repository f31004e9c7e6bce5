"""The page of ``examples/site``, built by its own commands and looked at in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest
import sites
from browser import Browser, browse
from PIL import Image
from web import Site

from imgflow.manifest import Entry, Variant, read_manifest

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parent.parent / "examples" / "site"
#: The pictures of the page from top to bottom, and which output each is of.
PICTURES = (
    ("dunes-at-dusk.jpg", "photo"),
    ("misty-ridges.jpg", "photo"),
    ("maple-leaf.png", "photo"),
    ("milky-way.jpg", "photo"),
    ("coast/waves.jpg", "card"),
    ("pebbles.jpg", "card"),
    ("milky-way.jpg", "card"),
)
#: Chromium loads what is less than this far below the window, in pixels, however slow its network.
NEAR = 2500
ALPHA = "maple-leaf.png"


class Built(NamedTuple):
    """A copy of the example in which its first command was run."""

    folder: Path
    sources: dict[str, Entry]

    @property
    def page(self) -> Path:
        return self.folder / "dist"

    def variants(self, number: int, kind: str) -> list[Variant]:
        """The files of one format of a picture of the page, the narrowest first."""
        name, output = PICTURES[number]
        found = [
            one for one in self.sources[name].variants if (one.name, one.format) == (output, kind)
        ]
        return sorted(found, key=lambda one: one.width)


def commands() -> list[str]:
    """The commands that the example tells people to run."""
    text = (EXAMPLE / "README.md").read_text()
    return re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("example") / "site"
    left = shutil.ignore_patterns("dist", ".imgflow", "__pycache__")
    shutil.copytree(EXAMPLE, folder, ignore=left)
    run(commands()[0], folder)
    return Built(folder, read_manifest(folder / "dist" / "img" / "manifest.json").sources)


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Path:
    return sites.install_validator(request.config.cache)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser of the test's own, which has no picture yet."""
    with browse() as found:
        yield found


@pytest.mark.parametrize(("width", "zoom"), [(360, 1), (800, 1), (1600, 1), (800, 2)])
def test_each_window_gets_the_file_that_fits(
    browser: Browser, built: Built, width: int, zoom: int
) -> None:
    browser.look(width, 1400, zoom=zoom)
    # They are part of what style sheets call 100vw, and some systems let pictures have their room.
    browser.devtools("Emulation.setScrollbarsHidden", hidden=True)
    with sites.serve_page(built.page) as site:
        browser.open(f"{site.url}/")
        sites.scroll_through(browser)
        pictures = sites.shown(browser)
        assert browser.script("return document.documentElement.scrollWidth") <= width
        assert sites.moved(browser) == 0
        assert browser.complaints() == []
    assert len(pictures) == len(PICTURES)
    for number, one in enumerate(pictures):
        assert one.place == pytest.approx(one.box, abs=1), "sizes tell what the style sheet does"
        made = built.variants(number, "webp" if PICTURES[number][0] == ALPHA else "avif")
        sharp = [each for each in made if each.width >= one.box * zoom]
        expected = (sharp or made[-1:])[0]
        assert one.path == f"img/{expected.path}"
        assert (one.width, one.height) == (expected.width, expected.height)
        assert one.alt == built.sources[PICTURES[number][0]].alt


def test_what_is_far_below_waits(browser: Browser, built: Built) -> None:
    browser.look(360, 640)
    with sites.serve_page(built.page) as site:
        browser.open(f"{site.url}/")
        tops = browser.script(
            "return [...document.images].map((one) => one.getBoundingClientRect().top)"
        )
        far = {number for number, top in enumerate(tops) if top > 640 + NEAR}
        assert far
        browser.wait(lambda: requested(site, built) >= {0, 1})
        assert not requested(site, built) & far
        sites.scroll_through(browser)
        assert requested(site, built) == set(range(len(PICTURES)))
    loading = browser.script("return [...document.images].map((one) => one.loading)")
    assert loading == ["eager", *["lazy"] * (len(PICTURES) - 1)]
    urgent = browser.script("return [...document.images].map((one) => one.fetchPriority)")
    assert urgent == ["high", *["auto"] * (len(PICTURES) - 1)]


def without(*pieces: str) -> Callable[[str], str]:
    """A change of a page that takes out all that is like one of some pieces."""

    def change(page: str) -> str:
        for piece in pieces:
            page, found = re.subn(piece, "", page)
            assert found
        return page

    return change


def requested(site: Site, built: Built) -> set[int]:
    """The pictures of the page of which the browser asked for a file."""
    paths = {request.path.removeprefix("/img/") for request in site.requests}
    kinds = ("avif", "webp", "jpeg", "png")
    return {
        number
        for number in range(len(PICTURES))
        if any(one.path in paths for kind in kinds for one in built.variants(number, kind))
    }


@pytest.mark.parametrize(
    ("unknown", "kinds"),
    [(["avif"], {"webp"}), (["avif", "webp"], {"jpeg", "png"})],
    ids=["no avif", "no webp"],
)
def test_browsers_that_know_less(
    browser: Browser, built: Built, unknown: list[str], kinds: set[str]
) -> None:
    browser.look(800, 800)
    lines = [rf'  <source type="image/{kind}"[^>]*>\n' for kind in unknown]
    with sites.serve_page(built.page, without(*lines)) as site:
        browser.open(f"{site.url}/")
        sites.scroll_through(browser)
        pictures = sites.shown(browser)
        assert browser.complaints() == []
    for number, one in enumerate(pictures):
        made = [each for kind in kinds for each in built.variants(number, kind)]
        expected = next(each for each in made if each.width >= one.box)
        assert one.path == f"img/{expected.path}"
        assert (one.width, one.height) == (expected.width, expected.height)


def test_browsers_that_know_img_alone(browser: Browser, built: Built) -> None:
    browser.look(800, 800)
    forget = without(r"  <source[^>]*>\n", r' srcset="[^"]*"', r' sizes="[^"]*"')
    with sites.serve_page(built.page, forget) as site:
        browser.open(f"{site.url}/")
        sites.scroll_through(browser)
        for number, one in enumerate(sites.shown(browser)):
            kind = "png" if PICTURES[number][0] == ALPHA else "jpeg"
            assert one.path == f"img/{built.variants(number, kind)[-1].path}"
        assert sites.moved(browser) == 0


def test_without_its_size_a_picture_would_move_the_text(browser: Browser, built: Built) -> None:
    browser.look(800, 1400)
    forget = without(r' (?:width|height)="\d+"')
    with sites.serve_page(built.page, forget) as site:
        browser.open(f"{site.url}/")
        sites.scroll_through(browser)
        assert sites.moved(browser) > 0


def test_something_stands_for_each_picture(browser: Browser, built: Built) -> None:
    with sites.serve_page(built.page) as site:
        browser.open(f"{site.url}/")
        styles = browser.script(
            "return [...document.images].map((one) => getComputedStyle(one)).map("
            "(style) => [style.backgroundImage, style.backgroundColor])"
        )
    for (name, output), (image, colour) in zip(PICTURES, styles, strict=True):
        known = built.sources[name].placeholders
        if output == "photo" and name != ALPHA:
            assert known.lqip in unquote(image)
        else:
            assert image == "none"
        shades = [int(known.colour[at : at + 2], 16) for at in (1, 3, 5)]
        clear = "rgba(0, 0, 0, 0)"
        assert colour == (clear if name == ALPHA else "rgb({}, {}, {})".format(*shades))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_light_and_dark(browser: Browser, built: Built, *, dark: bool) -> None:
    browser.look(360, 640, dark=dark)
    with sites.serve_page(built.page) as site:
        browser.open(f"{site.url}/")
        shades = browser.script("return getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, shades[4:-1].split(","))) < 60) == dark


def test_no_file_is_wider_than_its_source(built: Built) -> None:
    page = (built.page / "index.html").read_text()
    widths = {name: set[int]() for name in built.sources}
    for name, entry in built.sources.items():
        with Image.open(built.folder / "photos" / name) as source:
            assert sorted((entry.width, entry.height)) == sorted(source.size)
        for one in entry.variants:
            with Image.open(built.page / "img" / one.path) as image:
                assert image.size == (one.width, one.height)
            if one.name == "photo":
                widths[name].add(one.width)
        assert max(widths[name]) <= entry.width
    assert widths["misty-ridges.jpg"] == {480, 960, 1600, 2160}
    assert widths["dunes-at-dusk.jpg"] == {480, 960, 2000}
    assert widths["milky-way.jpg"] == {480, 960, 1400}
    assert widths[ALPHA] == {480, 800}
    told = re.findall(r"img/(\S+) (\d+)w", page)
    known = {one.path: one.width for entry in built.sources.values() for one in entry.variants}
    assert len(told) == sum(page.count(f"img/{path} ") for path in known)
    assert all(known[path] == int(width) for path, width in told)


def test_what_is_said_beside_a_photo_counts(built: Built) -> None:
    assert all(entry.alt for entry in built.sources.values())
    with Image.open(built.folder / "photos" / "milky-way.jpg") as source:
        upright = source.transpose(Image.Transpose.ROTATE_270).convert("RGB")
    card = built.variants(len(PICTURES) - 1, "jpeg")[-1]
    middle = round(0.7 * upright.height)
    half = round(upright.width * 3 / 4 / 2)
    wanted = upright.crop((0, middle - half, upright.width, middle + half))
    with Image.open(built.page / "img" / card.path) as image:
        expected = wanted.resize(image.size)
        pairs = zip(image.convert("RGB").tobytes(), expected.tobytes(), strict=True)
        assert sum(abs(one - two) for one, two in pairs) / len(expected.tobytes()) < 4


def test_a_second_build_writes_nothing(built: Built) -> None:
    def stamps() -> dict[Path, tuple[int, int]]:
        files = (path for path in built.page.rglob("*") if path.is_file())
        return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}

    before = stamps()
    assert "0 written" in run(commands()[0], built.folder)
    assert stamps() == before


def test_html_is_valid(built: Built, modules: Path, tmp_path: Path) -> None:
    shutil.copy(built.page / "index.html", tmp_path)
    assert sites.complaints(modules, tmp_path) == []
    forget = without(r' alt="[^"]*"')
    (tmp_path / "index.html").write_text(forget((tmp_path / "index.html").read_text()))
    found = sites.complaints(modules, tmp_path)
    assert len([one for one in found if one["rule"] == "wcag/h37"]) == len(PICTURES)


def test_other_commands(built: Built, modules: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(built.folder, folder)
    for command in commands()[1:]:
        run(command, folder)
    left = {path.relative_to(folder) for path in (folder / "dist").rglob("*")}
    assert left == {path.relative_to(built.folder) for path in built.page.rglob("*")}
    partials = folder / "partials"
    files = {path.relative_to(partials).as_posix() for path in partials.rglob("*.html")}
    assert files == {f"{name}.html" for name in built.sources}
    assert sites.complaints(modules, partials) == []
