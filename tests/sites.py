"""Pages of pictures for tests: served, looked at by a browser, and judged by a validator."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

import language_server
import pytest
from browser import PATIENCE, Browser
from web import Answer, Request, Site, serve

#: The validator, of a version for which Node 20 will do.
PACKAGES = ("html-validate@10.9.0",)
#: What a page must be: as the standard has it, and of use to those who cannot see it.
RULES = ("html-validate:standard", "html-validate:a11y")
#: Put into pages: counts what moves, and rings once the page was seen without any picture.
WATCH = """<script>
window.moved = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { moved += one.value; }))
  .observe({type: 'layout-shift', buffered: true});
requestAnimationFrame(() => requestAnimationFrame(() => fetch('BELL', {mode: 'no-cors'})));
</script></head>"""
#: What the browser shows of each picture. A file is loaded once more by itself: the natural size
#: of a picture in a page is that of its place.
SHOWN = """
const place = (sizes) => {
  const ruler = document.body.appendChild(document.createElement('div'));
  ruler.style.position = 'absolute';
  for (const part of sizes.split(',')) {
    const [, medium, length] = part.trim().match(/^(\\([^)]*\\) )?(.*)$/);
    if (medium && !matchMedia(medium.trim()).matches) continue;
    ruler.style.width = length;
    break;
  }
  const width = ruler.getBoundingClientRect().width;
  ruler.remove();
  return width;
};
return Promise.all([...document.images].map(async (image) => {
  const file = new Image();
  file.src = image.currentSrc;
  await file.decode();
  return {
    path: image.currentSrc.slice(document.baseURI.length), alt: image.alt,
    width: file.naturalWidth, height: file.naturalHeight,
    box: image.getBoundingClientRect().width, place: image.sizes ? place(image.sizes) : 0,
  };
}));
"""


class Shown(NamedTuple):
    """A picture in a window: its file below the page, and the width it has there.

    ``box`` is that width, and ``place`` what the attribute ``sizes`` told of it, 0 for nothing.
    """

    path: str
    alt: str
    width: int
    height: int
    box: float
    place: float


@contextlib.contextmanager
def serve_page(folder: Path, change: Callable[[str], str] = str) -> Iterator[Site]:
    """Serve a folder whose ``index.html`` is changed; no picture comes before the page was seen."""
    seen = threading.Event()

    def ring(_: Request, __: BaseHTTPRequestHandler) -> Answer:
        seen.set()
        return Answer(204)

    # A server of its own: browsers open few connections to each, and all may be held.
    with serve(ring) as bell:
        watch = WATCH.replace("BELL", bell.url)

        def answer(request: Request, _: BaseHTTPRequestHandler) -> Answer:
            path = folder / (request.path.partition("?")[0].lstrip("/") or "index.html")
            if not path.is_file():
                return Answer(404)
            headers = {"Content-Type": mimetypes.guess_type(path.name)[0] or "image/avif"}
            if path.name == "index.html":
                page = change(path.read_text(encoding="utf-8")).replace("</head>", watch)
                return Answer(body=page.encode(), headers=headers)
            if path.suffix != ".css":
                assert seen.wait(PATIENCE)
            return Answer(body=path.read_bytes(), headers=headers)

        with serve(answer) as site:
            yield site


def scroll_through(browser: Browser) -> None:
    """Come to each picture of a page, and wait until it is there."""
    come = (
        "const one = document.images[arguments[0]]; one.scrollIntoView();"
        "return one.complete && one.naturalWidth > 0"
    )
    for number in range(browser.script("return document.images.length")):
        browser.wait(partial(browser.script, come, number))


def shown(browser: Browser) -> list[Shown]:
    """What there is to see of the pictures of a page, all of which were loaded."""
    return [Shown(**one) for one in browser.script(SHOWN)]


def moved(browser: Browser) -> float:
    """By how much things have moved since the page was opened, as Chromium measures it."""
    script = (
        "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
        "() => setTimeout(() => done(moved)))))"
    )
    return float(browser.script(script))


def install_validator(cache: pytest.Cache) -> Path:
    """Install html-validate once; returns the folder of modules."""
    return language_server.install_packages(cache.mkdir("html"), PACKAGES)


def complaints(modules: Path, folder: Path) -> list[dict[str, Any]]:
    """What html-validate finds wrong with the HTML files of a folder."""
    config = folder / ".htmlvalidate.json"
    config.write_text(json.dumps({"root": True, "extends": RULES}))
    script = str(modules / "html-validate" / "bin" / "html-validate.mjs")
    files = [str(path) for path in sorted(folder.rglob("*.html"))]
    assert files
    done = subprocess.run(
        ["node", script, "--config", str(config), "--formatter", "json", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.stdout, done.stderr
    return [
        {"file": one["filePath"], "rule": each["ruleId"], "message": each["message"]}
        for one in json.loads(done.stdout)
        for each in one["messages"]
    ]
