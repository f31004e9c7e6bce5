"""``imgflow markup``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done

from imgflow.manifest import Entry, Manifest, Variant, manifest_text, picture
from imgflow.placeholders import Placeholders

Here = Callable[..., Done]


@pytest.fixture(autouse=True)
def manifest(folder: Path) -> Manifest:
    variants = tuple(
        Variant(
            path=f"img/{width}.webp",
            format="webp",
            type="image/webp",
            width=width,
            height=width,
            bytes=1,
            sha256="",
            integrity="",
        )
        for width in (100, 200)
    )
    seen = Placeholders(colour="#123456", blurhash="", thumbhash="", lqip="data:,")
    entry = Entry(
        width=9, height=9, format="png", bytes=1, sha256="", placeholders=seen, variants=variants
    )
    made = Manifest(sources={"a.png": entry, "b/c.png": entry})
    (folder / "manifest.json").write_bytes(manifest_text(made))
    return made


def test_html(here: Here, manifest: Manifest) -> None:
    done = here("markup", "manifest.json", "b/c.png", "--sizes", "50vw", "--base", "/static")
    assert done.code == 0
    assert done.out == picture(manifest, "b/c.png", sizes="50vw", base="/static") + "\n"
    assert here("markup", "manifest.json").out.count("<picture>") == 2


def test_json(here: Here) -> None:
    found = json.loads(here("markup", "manifest.json", "--json").out)
    assert list(found) == ["a.png", "b/c.png"]
    assert found["a.png"]["img"]["srcset"] == "img/100.webp 100w, img/200.webp 200w"


def test_files(here: Here, folder: Path, manifest: Manifest) -> None:
    done = here("markup", "manifest.json", "--write", "parts")
    assert done.out.splitlines() == ["parts/a.png.html", "parts/b/c.png.html"]
    assert (folder / "parts/b/c.png.html").read_text() == picture(manifest, "b/c.png") + "\n"


def test_what_is_not_there(here: Here) -> None:
    done = here("markup", "manifest.json", "x.png")
    assert done.code == 2
    assert "x.png: expected a source of the manifest, found a.png, b/c.png" in done.err
    assert here("markup", "nothing.json").code == 2
