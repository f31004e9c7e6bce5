"""Markup: valid HTML that browsers choose from as they should."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import samples
import sites
from browser import browse
from PIL import Image

import imgflow
from imgflow.errors import StorageError, UsageError
from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.manifest import (
    Entry,
    Manifest,
    Variant,
    build_manifest,
    html_partials,
    json_markup,
    manifest_text,
    picture,
    write_partials,
)
from imgflow.manifest.blur import blurred
from imgflow.placeholders import Placeholders
from imgflow.storage import open_storages

PLACEHOLDERS = Placeholders(
    colour="#a0b0c0", blurhash="L00000", thumbhash="AAAA", lqip="data:image/webp;base64,AAAA"
)
BLUR = blurred(PLACEHOLDERS.lqip, 600, 400)
HEAD = "<title>t</title><meta name='viewport' content='width=device-width'>"
TYPES = {"avif": "image/avif", "jpeg": "image/jpeg", "tiff": "image/tiff", "webp": "image/webp"}


def variant(fmt: str, width: int, height: int, path: str = "", **more: Any) -> Variant:
    return Variant(
        path=path or f"img/a-{width}.{fmt}",
        format=fmt,
        type=TYPES[fmt],
        width=width,
        height=height,
        bytes=1,
        sha256="00",
        integrity="sha256-AA==",
        **more,
    )


def manifest(*variants: Variant, **more: Any) -> Manifest:
    more = {"placeholders": PLACEHOLDERS, **more}
    entry = Entry(
        width=900, height=600, format="jpeg", bytes=1, sha256="00", variants=variants, **more
    )
    return Manifest(sources={"a.jpg": entry})


class Parsed(HTMLParser):
    """The elements of some HTML, in their order; attributes twice are refused."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in {"img", "source"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def only(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


FULL = manifest(
    *(variant(fmt, w, w * 2 // 3) for fmt in ("jpeg", "webp", "avif") for w in (600, 300)),
    variant("jpeg", 400, 400, name="square"),
)


def test_formats_come_best_first_and_widths_in_order() -> None:
    parsed = Parsed(picture(FULL, "a.jpg", sizes="50vw"))
    assert [tag for tag, _ in parsed.elements] == ["picture", "source", "source", "img"]
    assert parsed.only("source") == [
        {"type": f"image/{fmt}", "srcset": f"img/a-300.{fmt} 300w, img/a-600.{fmt} 600w"}
        | {"sizes": "50vw"}
        for fmt in ("avif", "webp")
    ]
    assert parsed.only("img") == [
        {
            "src": "img/a-600.jpeg",
            "srcset": "img/a-300.jpeg 300w, img/a-600.jpeg 600w",
            "sizes": "50vw",
            "alt": "",
            "width": "600",
            "height": "400",
            "loading": "lazy",
            "decoding": "async",
            "style": f"background:#a0b0c0 url({BLUR}) center/cover no-repeat",
        }
    ]


def test_without_sizes_it_fills_the_window_up_to_its_width() -> None:
    [img] = Parsed(picture(FULL, "a.jpg")).only("img")
    assert img["sizes"] == "(min-width: 600px) 600px, 100vw"


def test_what_is_fetched_is_told_last() -> None:
    told = json.loads(json_markup(FULL))["a.jpg"]
    assert list(told["img"])[-3:] == ["sizes", "srcset", "src"]
    assert list(told["sources"][0]) == ["type", "sizes", "srcset"]
    [img] = Parsed(picture(FULL, "a.jpg", fetchpriority="high")).only("img")
    assert list(img)[-4:] == ["fetchpriority", "sizes", "srcset", "src"]


def test_another_output_and_one_width() -> None:
    parsed = Parsed(picture(FULL, "a.jpg", output="square"))
    [img] = parsed.only("img")
    assert (img["src"], img["width"], img["height"]) == ("img/a-400.jpeg", "400", "400")
    assert "srcset" not in img
    assert "sizes" not in img
    assert parsed.only("source") == []


def test_text_is_escaped() -> None:
    alt = "\"><script>alert(1)</script> & 'so'"
    text = picture(FULL, "a.jpg", alt=alt, sizes='1px"', class_='x" y', data_id="<3")
    parsed = Parsed(text)
    [img] = parsed.only("img")
    assert (img["alt"], img["sizes"], img["class"], img["data-id"]) == (alt, '1px"', 'x" y', "<3")
    assert parsed.only("script") == []
    odd: dict[str, Any] = {"x onload": "1"}
    with pytest.raises(UsageError, match="name of an HTML attribute"):
        picture(FULL, "a.jpg", **odd)


def test_paths_that_would_break_a_srcset() -> None:
    odd = manifest(variant("webp", 300, 200, "a b,c/ü?.webp"), variant("webp", 600, 400))
    [img] = Parsed(picture(odd, "a.jpg", base="https://cdn.example/x/")).only("img")
    first, second = img["srcset"].split(", ")
    assert first == "https://cdn.example/x/a%20b%2Cc/%C3%BC%3F.webp 300w"
    assert second == "https://cdn.example/x/img/a-600.webp 600w"


def test_what_is_not_alike_or_not_shown_is_left_out() -> None:
    mixed = manifest(
        variant("tiff", 900, 600), variant("webp", 300, 300), variant("webp", 600, 400)
    )
    [img] = Parsed(picture(mixed, "a.jpg")).only("img")
    assert img["src"] == "img/a-600.webp"
    assert "srcset" not in img
    none = manifest(variant("tiff", 900, 600))
    with pytest.raises(UsageError, match="that browsers show"):
        picture(none, "a.jpg")
    assert html_partials(none) == {}


def test_unknown_names() -> None:
    with pytest.raises(UsageError, match=r"b\.jpg: expected a source of the manifest, found a\.j"):
        picture(FULL, "b.jpg")
    with pytest.raises(UsageError, match="expected an output 'og' that browsers show, found squ"):
        picture(FULL, "a.jpg", output="og")
    with pytest.raises(UsageError, match="found something else"):
        picture({"sources": 1}, "a.jpg")


@pytest.mark.parametrize(
    ("placeholder", "style"), [("colour", "background:#a0b0c0"), ("none", None)]
)
def test_placeholders(placeholder: Any, style: str | None) -> None:
    [img] = Parsed(picture(FULL, "a.jpg", placeholder=placeholder)).only("img")
    assert img.get("style") == style


def test_nothing_shines_through_transparency() -> None:
    seen = Placeholders(colour="#000000", blurhash="", thumbhash="", lqip="", alpha=True)
    glass = manifest(variant("webp", 300, 200), placeholders=seen)
    assert "style" not in picture(glass, "a.jpg")


def test_from_a_file_and_from_json(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(manifest_text(manifest(variant("webp", 300, 200), alt="A cat")))
    text = picture(path, "a.jpg")
    assert 'alt="A cat"' in text
    assert picture(str(path), "a.jpg") == text
    assert picture(json.loads(path.read_text()), "a.jpg") == text


def test_it_is_a_function_of_the_package() -> None:
    assert imgflow.picture(FULL, "a.jpg") == picture(FULL, "a.jpg")


def test_partials_and_json_say_the_same() -> None:
    partials = html_partials(FULL, base="/static")
    assert partials == {"a.jpg": picture(FULL, "a.jpg", base="/static") + "\n"}
    parsed = Parsed(partials["a.jpg"])
    told = json.loads(json_markup(FULL, base="/static"))["a.jpg"]
    assert told == {"sources": parsed.only("source"), "img": parsed.only("img")[0]}


def test_partials_are_files_below_a_folder(tmp_path: Path) -> None:
    [path] = write_partials(str(tmp_path / "parts"), FULL, open_storages())
    assert Path(path).read_text() == picture(FULL, "a.jpg") + "\n"
    before = Path(path).stat().st_mtime_ns
    assert write_partials(str(tmp_path / "parts"), FULL, open_storages()) == [path]
    assert Path(path).stat().st_mtime_ns == before
    for name in ("../a.jpg", "/etc/a.jpg"):
        odd = Manifest(sources={name: FULL.entry("a.jpg")})
        with pytest.raises(StorageError, match="expected a file inside"):
            write_partials(str(tmp_path / "parts"), odd, open_storages())


@pytest.mark.slow
def test_a_validator_has_nothing_to_say(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    modules = sites.install_validator(request.config.cache)
    odd = 'a b,c/"ü"?&<#.webp'
    pages = {
        "full": picture(FULL, "a.jpg", sizes="(min-width: 40em) 50vw, calc(100vw - 2em)"),
        "alt": picture(FULL, "a.jpg", alt="\"><script>alert(1)</script> & 'so'"),
        "more": picture(FULL, "a.jpg", class_="x y", fetchpriority="high", data_id="<3"),
        "one": picture(FULL, "a.jpg", output="square", loading="eager", placeholder="none"),
        "odd": picture(manifest(variant("webp", 300, 200, odd), variant("avif", 9, 6)), "a.jpg"),
        "far": picture(FULL, "a.jpg", base="https://cdn.example/x"),
    }
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text)
    assert sites.complaints(modules, tmp_path) == []
    (tmp_path / "wrong.html").write_text(
        pages["full"].replace("<img", '<img alt="again" width="9px"')
    )
    assert len(sites.complaints(modules, tmp_path)) > 1


@pytest.mark.slow
def test_a_browser_takes_the_variant_for_its_width(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(f"<!doctype html>{HEAD}{_built(tmp_path)}")
    with browse() as browser:
        for width, expected in ((300, 320), (600, 640), (1240, 1280)):
            # A page of its own: a larger variant that is there already would be taken.
            browser.look(width, 800)
            browser.open(f"{page.as_uri()}?{width}")
            found = browser.wait(
                lambda: browser.script(
                    "const i = document.images[0]; return i.complete && i.naturalWidth"
                    " && [i.currentSrc, i.clientWidth, i.clientHeight]"
                )
            )
            assert found[0].endswith(f"my%20cup-{expected}.avif")
            assert found[1] / found[2] == pytest.approx(3 / 2, abs=0.02)
            assert browser.complaints() == []


def _built(folder: Path) -> str:
    source = folder / "my cup.jpg"
    large = Image.fromarray(samples.coffee()).resize((1500, 1000))
    source.write_bytes(samples.encoded(large, "JPEG", quality=85))
    widths = (320, 640, 1280)
    outputs = tuple(
        Output(
            path=f"{folder}/img/{{stem}}-{{width}}.{{ext}}",
            steps=({"op": "resize", "width": width, "enlarge": False},),
            encoder={"format": fmt, "effort": "fast"},
            root=str(folder),
        )
        for width in widths
        for fmt in ("avif", "webp")
    )
    result = execute(job := Job(input=str(source), outputs=outputs, facts=True), open_storages())
    assert result.error is None
    found = build_manifest([(job, result)], str(folder))
    style = "<style>body {margin: 0} img {width: 100%; height: auto}</style>"
    return style + picture(found, "my cup.jpg", sizes="100vw", alt="A cup of coffee")
