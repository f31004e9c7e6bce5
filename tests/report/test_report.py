"""The page of a run, as its parts."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import samples
from PIL import Image
from reports import Parts, done, failed, put, report, written

from imgflow.budgets import Budgets, judge_budgets
from imgflow.job import Result
from imgflow.limits import DEFAULT_LIMITS
from imgflow.notes import Note
from imgflow.report import ReportBuilder, write_report
from imgflow.report.histogram import count_scores
from imgflow.report.links import link_to
from imgflow.report.thumbnail import THUMBNAIL_BYTES, draw_thumbnail
from imgflow.source import Source
from imgflow.storage.opening import open_usual


def cat_and_coffee(folder: Path) -> list[Result]:
    cat = put(folder, "in/cat.png", samples.encoded(samples.cat()))
    coffee = put(folder, "in/coffee.png", samples.encoded(samples.coffee()))
    small = Image.fromarray(samples.cat()).resize((226, 150))
    one = put(folder, "out/cat.webp", samples.encoded(small, "WEBP", quality=50))
    square = put(folder, "out/square.jpeg", samples.encoded(samples.cat()[:200, :200], "JPEG"))
    two = put(folder, "out/coffee.jpeg", samples.encoded(samples.coffee(), "JPEG", quality=90))
    note = Note("warning", "larger", "it grew")
    return [
        done(coffee, written(two, score=91.2), seconds=1.5),
        failed(str(folder / "in/broken.jpg"), "expected a <whole> image"),
        done(cat, written(one, score=62.5, notes=(note,)), written(square), seconds=0.5),
    ]


def test_structure(tmp_path: Path) -> None:
    results = cat_and_coffee(tmp_path)
    found = judge_budgets(Budgets(max_bytes=1), results)
    parts = Parts(report(results, tmp_path / "report.html", stale=["new.jpg"], breaches=found))
    assert len([one for one in parts.all("section") if "aria-labelledby" in one]) == 8
    assert parts.open == []
    assert parts.all("html") == [{"lang": "en"}]
    assert len(parts.all("h1")) == len(parts.all("main")) == 1
    ids = [attributes["id"] for _, attributes in parts.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [tag for tag in ("link", "iframe", "form", "a") if parts.all(tag)] == []
    assert all("src" not in script for script in parts.all("script"))
    assert all("alt" in image for image in parts.all("img"))
    assert {label["for"] for label in parts.all("label")} <= set(ids)
    (policy,) = (m["content"] for m in parts.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; img-src data:")


def test_the_worst_is_first(tmp_path: Path) -> None:
    page = report(cat_and_coffee(tmp_path), tmp_path / "report.html")
    rows = [row for row in Parts(page).all("li") if "data-index" in row]
    assert [row["data-score"] for row in rows] == ["62.5000", "91.2000"]
    assert [row["data-index"] for row in rows] == ["1", "0"]
    assert [row["data-warnings"] for row in rows] == ["1", "0"]
    assert rows[0]["data-formats"] == "webp jpeg"


def test_failures_have_their_reasons(tmp_path: Path) -> None:
    page = report(cat_and_coffee(tmp_path), tmp_path / "report.html")
    assert "expected a &lt;whole&gt; image" in page
    assert "<h2 id='failed'>1 failure</h2>" in page
    assert "3 images: 2 done, 1 failed" in page


def test_thumbnails_are_small_and_of_the_image(tmp_path: Path) -> None:
    page = report(cat_and_coffee(tmp_path), tmp_path / "report.html")
    coffee, cat = (base64.b64decode(one["thumb"]) for one in Parts(page).images())
    assert max(len(coffee), len(cat)) <= THUMBNAIL_BYTES
    shown = samples.decoded(coffee, "RGB")
    assert shown.shape == (85, 128, 3)
    expected = Image.fromarray(samples.coffee()).resize((128, 85), Image.Resampling.LANCZOS)
    assert samples.likeness(shown, np.asarray(expected)) > 0.8


@pytest.mark.parametrize("kind", ["noise", "gray", "alpha", "deep", "tiny", "cmyk"])
def test_any_picture_has_a_thumbnail(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), np.uint8)
    pictures = {
        "noise": noise,
        "gray": samples.cameraman(),
        "alpha": samples.with_alpha(samples.cat()),
        "deep": Image.fromarray(samples.cameraman().astype(np.uint16) * 257),
        "tiny": noise[:1, :3],
        "cmyk": Image.fromarray(samples.cat()).convert("CMYK"),
    }
    data = samples.encoded(pictures[kind], "TIFF")
    made = draw_thumbnail(Source("a.tiff", data=data), DEFAULT_LIMITS)
    assert 0 < len(made) <= THUMBNAIL_BYTES
    assert Image.open(io.BytesIO(made)).format == "WEBP"
    if kind == "deep":
        mean = samples.decoded(made, "L").mean()
        assert mean == pytest.approx(samples.cameraman().mean(), abs=4)


def test_the_original_in_the_size_of_the_image_loses_nothing(tmp_path: Path) -> None:
    page = report(cat_and_coffee(tmp_path), tmp_path / "report.html")
    data = Parts(page).data
    name, after = data["pair-1-0"]
    before = data[name]
    file = base64.b64decode(after.partition(",")[2])
    assert file == (tmp_path / "out/cat.webp").read_bytes()
    reduced = base64.b64decode(before.partition(",")[2])
    assert reduced[12:16] == b"VP8L"
    shown = samples.decoded(reduced, "RGB")
    expected = Image.fromarray(samples.cat()).resize((226, 150), Image.Resampling.LANCZOS)
    assert np.abs(shown.astype(int) - np.asarray(expected)).mean() < 2


def test_other_shapes_are_not_laid_over_each_other(tmp_path: Path) -> None:
    page = report(cat_and_coffee(tmp_path), tmp_path / "report.html")
    coffee, cat = Parts(page).images()
    assert [file["aligned"] for file in coffee["files"]] == [True]
    assert {Path(f["path"]).name: f["aligned"] for f in cat["files"]} == {
        "cat.webp": True,
        "square.jpeg": False,
    }


def test_room_goes_to_the_worst(tmp_path: Path) -> None:
    results = cat_and_coffee(tmp_path)
    page = report(results, tmp_path / "pages/report.html", embedded=150_000)
    parts = Parts(page)
    pairs = [name for name in parts.data if name.startswith("pair-")]
    assert pairs == ["pair-1-0"]
    source, file = parts.data["pair-1-0"]
    assert len(parts.data[source]) + len(file) <= 150_000
    links = [file["link"] for image in parts.images() for file in image["files"]]
    assert links[0] == "../out/coffee.jpeg"
    assert all((tmp_path / "pages" / link).is_file() for link in links)


def test_a_source_is_in_the_page_once(tmp_path: Path) -> None:
    source = put(tmp_path, "cat.png", samples.encoded(samples.cat()))
    files = [
        put(
            tmp_path, f"out/{quality}.webp", samples.encoded(samples.cat(), "WEBP", quality=quality)
        )
        for quality in (20, 60)
    ]
    result = done(source, *(written(file) for file in files))
    data = Parts(report([result], tmp_path / "report.html")).data
    assert data["pair-0-0"][0] == data["pair-0-1"][0] == "source-0"
    shown = base64.b64decode(data["source-0"].partition(",")[2])
    assert np.array_equal(samples.decoded(shown), samples.cat())


def test_an_original_that_was_replaced_is_not_compared(tmp_path: Path) -> None:
    path = put(tmp_path, "cat.jpeg", samples.encoded(samples.cat(), "JPEG"))
    parts = Parts(report([done(path, written(path))], tmp_path / "report.html"))
    (image,) = parts.images()
    assert image["replaced"]
    assert image["link"] == ""
    assert not [name for name in parts.data if name.startswith("pair-")]


def test_files_that_are_gone_are_still_listed(tmp_path: Path) -> None:
    results = cat_and_coffee(tmp_path)
    for path in (tmp_path / "in/cat.png", tmp_path / "out/coffee.jpeg"):
        path.unlink()
    parts = Parts(report(results, tmp_path / "report.html"))
    assert [bool(image["thumb"]) for image in parts.images()] == [False, True]
    assert not [name for name in parts.data if name.startswith("pair-")]


def test_names_are_only_text(tmp_path: Path) -> None:
    nasty = '</script><img src=x onerror="alert(1)">\u2028&$title.webp'.replace("/", "\u2215")
    path = put(tmp_path, nasty, samples.encoded(samples.cat(), "WEBP"))
    again = put(tmp_path, "</script><script>/b.webp", samples.encoded(samples.cat(), "WEBP"))
    results = [done(path, written(path)), done(again, written(again)), failed(again, "</script>")]
    page = report(results, tmp_path / "report.html")
    parts = Parts(page)
    assert parts.open == []
    assert {image["name"] for image in parts.images()} == {path, again}
    assert not [image for image in parts.all("img") if "onerror" in image]


def test_nothing_to_tell(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_report([], open_usual({}), str(target), "Nothing")
    parts = Parts(target.read_text(encoding="utf-8"))
    assert parts.open == []
    assert parts.images() == []


def test_chunks_hold_all_images_in_order(tmp_path: Path) -> None:
    path = put(tmp_path, "a.webp", samples.encoded(samples.cat()[:40, :60], "WEBP"))
    results = [done(path, written(path), seconds=number) for number in range(101)]
    parts = Parts(report(results, tmp_path / "report.html"))
    assert [len(parts.data[f"chunk-{index}"]) for index in range(3)] == [50, 50, 1]
    assert "chunk-3" not in parts.data


@pytest.mark.parametrize(
    ("path", "page", "link"),
    [
        ("/a/out/b.webp", "/a/report.html", "out/b.webp"),
        ("/a/b c#?.webp", "/a/out/report.html", "../b%20c%23%3F.webp"),
        ("file:///a/b%20c.webp", "/a/report.html", "b%20c.webp"),
        ("/a/javascript:x.webp", "/a/report.html", "javascript%3Ax.webp"),
        ("s3://one/out/b.webp", "s3://one/report.html", "out/b.webp"),
        ("s3://one/out/b.webp", "s3://two/report.html", ""),
        ("s3://one/out/b.webp", "/a/report.html", ""),
        ("/a/b.webp", "s3://one/report.html", ""),
        ("https://example.org/a.png", "/a/report.html", "https://example.org/a.png"),
    ],
)
def test_links(path: str, page: str, link: str) -> None:
    assert link_to(path, page) == link


def test_scores_are_counted_where_they_belong() -> None:
    bins = {one.least: one.files for one in count_scores([100.0, 95.0, 94.99, 71.2, 62.0])}
    assert bins[95] == 2
    assert bins[90] == bins[70] == bins[60] == 1
    assert sum(bins.values()) == 5
    assert list(bins) == list(range(50, 100, 5))
    assert count_scores([-40.0, 12.0])[0] == (0, 1)


def test_what_is_not_up_to_date_by_reasons(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    with ReportBuilder(open_usual({}), str(target), title="A run") as builder:
        for number in range(7):
            builder.add_stale(f"new <{number}>.jpg", ("never made",))
        builder.add_stale("old.jpg", ("source changed", "width: 8 -> 9"))
        builder.write(orphans=2, unreached=1)
    text = target.read_text(encoding="utf-8")
    assert Parts(text).open == []
    assert "<p class='quiet'>9 images: 8 not up to date, 1 not reached</p>" in text.replace(
        '"', "'"
    )
    assert "<details><summary>7 images</summary><ul><li>new &lt;0&gt;.jpg</li>" in text
    assert "source changed; width: 8 -&gt; 9</p><p>old.jpg</p>" in text
    assert "2 files orphaned" in text


def test_times_that_nobody_knows_are_not_told(tmp_path: Path) -> None:
    path = put(tmp_path, "a.webp", samples.encoded(samples.cat()[:40, :60], "WEBP"))
    text = report([done(path, written(path)), done(path, written(path), seconds=3)], tmp_path / "a")
    assert "webp; 3.0 s<" in text
    assert "webp</p>" in text
    assert "<th scope='row' class=''>Median of all images</th><td class='number'>3.0 s</td>" in text
