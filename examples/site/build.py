"""Build the page: ``python build.py``, then look at ``dist/index.html``.

Pictures are made by imgflow from what ``imgflow.yaml`` says; their HTML goes into the template.
What has not changed is not written again.
"""

from __future__ import annotations

import functools
import string
import subprocess
import sys
from pathlib import Path

import imgflow
from imgflow.manifest import read_manifest

HERE = Path(__file__).parent
PAGE = HERE / "dist"
MANIFEST = PAGE / "img" / "manifest.json"

# How wide pictures are shown: what style.css makes of them, in the same words.
FULL = "100vw"
WIDE = "(min-width: 992px) 960px, calc(100vw - 32px)"
SIDE = "(min-width: 800px) 420px, calc(100vw - 32px)"
CARD = "(min-width: 992px) 304px, (min-width: 600px) calc((100vw - 80px) / 3), calc(100vw - 32px)"
LEAF = "(min-width: 600px) 200px, 120px"
CARDS = ("coast/waves.jpg", "pebbles.jpg", "milky-way.jpg")


def main() -> int:
    """Return what imgflow does: 0 if all went well, 1 over budget, 3 if a photo is broken."""
    command = [sys.executable, "-m", "imgflow", "run", "imgflow.yaml"]
    if code := subprocess.run(command, cwd=HERE, check=False).returncode:  # noqa: S603
        return code
    template = string.Template((HERE / "index.html").read_text(encoding="utf-8"))
    write("index.html", template.substitute(pictures()))
    write("style.css", (HERE / "style.css").read_text(encoding="utf-8"))
    return 0


def pictures() -> dict[str, str]:
    """Return the HTML of all pictures, by their names in the template.

    The words for those who cannot see them lie beside the photos.
    """
    photo = functools.partial(imgflow.picture, read_manifest(MANIFEST), base="img")
    cards = (photo(name, sizes=CARD, output="card", placeholder="colour") for name in CARDS)
    return {
        "hero": photo("dunes-at-dusk.jpg", sizes=FULL, loading="eager", fetchpriority="high"),
        "ridges": photo("misty-ridges.jpg", sizes=WIDE),
        "leaf": photo("maple-leaf.png", sizes=LEAF, class_="leaf"),
        "sky": photo("milky-way.jpg", sizes=SIDE),
        "cards": "\n".join(f"<li>{card}</li>" for card in cards),
    }


def write(name: str, text: str) -> None:
    """Write a file of the page, unless that is what it holds."""
    path = PAGE / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
