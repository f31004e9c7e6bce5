"""Files change between two runs: what is made again, and what is left alone."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from cycle_site import Site, photo

if TYPE_CHECKING:
    from pathlib import Path

ALL = ["photos/a.jpg", "photos/b.jpg", "photos/c.png", "photos/cats/d.jpg"]
OF_A = ["dist/a-24w.jpg", "dist/a-24w.webp", "dist/a-40w.jpg", "dist/a-40w.webp"]


@pytest.mark.parametrize("manifest", ["", "manifest: site.json\n"], ids=["plain", "manifest"])
def test_a_second_run_writes_no_byte(site: Site, worked: list[str], manifest: str) -> None:
    site.edit("recipe.yaml", "version: 1\n", f"version: 1\n{manifest}")
    site.settle()
    first = site.bring_up()
    assert sorted(first) == sorted(worked) == ALL
    assert len(site.made()) == 16
    before = site.stats()
    worked.clear()
    assert site.bring_up() == {}
    assert site.call("run", "recipe.yaml").code == 0
    assert site.call("run", "recipe.yaml", "--dry-run").code == 0
    assert site.call("clean", "recipe.yaml").code == 0
    assert worked == []
    assert site.stats() == before


def test_a_source_that_is_edited(done: Site, worked: list[str]) -> None:
    before = done.stats()
    done.draw("photos/a.jpg", 9)
    assert done.due() == {"photos/a.jpg": ["source changed"]}
    assert sorted(one["path"] for one in done.bring_up()["photos/a.jpg"]["outputs"]) == OF_A
    assert worked == ["photos/a.jpg"]
    assert done.made() == done.fresh()
    after = done.stats()
    changed = {path for path in before if before[path] != after[path] and "dist/" in path}
    assert changed == {str(done.root / name) for name in OF_A}


def test_a_source_that_is_new(done: Site, worked: list[str]) -> None:
    done.draw("photos/cats/new.jpg", 9)
    assert done.due() == {"photos/cats/new.jpg": ["never made"]}
    assert list(done.bring_up()) == worked == ["photos/cats/new.jpg"]
    assert done.made() == done.fresh()


def test_an_output_that_is_deleted(done: Site, worked: list[str]) -> None:
    before = done.made()
    done.path("dist/a-40w.webp").unlink()
    assert done.due() == {"photos/a.jpg": ["output missing: dist/a-40w.webp"]}
    assert list(done.bring_up()) == worked == ["photos/a.jpg"]
    assert done.made() == before
    assert done.due() == {}


@pytest.mark.parametrize("set_back", [False, True], ids=["", "with its old time"])
@pytest.mark.parametrize("longer", [0, 5], ids=["as long", "longer"])
def test_an_output_that_is_edited(
    done: Site, worked: list[str], longer: int, *, set_back: bool
) -> None:
    before, path = done.made(), done.path("dist/a-40w.jpg")
    overwrite(path, path.read_bytes()[::-1] + b"x" * longer, set_back=set_back)
    assert done.due() == {"photos/a.jpg": ["output edited: dist/a-40w.jpg"]}
    assert list(done.bring_up()) == worked == ["photos/a.jpg"]
    assert done.made() == before


@pytest.mark.parametrize("replaced", [False, True], ids=["in place", "replaced"])
def test_other_bytes_with_the_size_and_the_time_of_the_old(
    done: Site, worked: list[str], *, replaced: bool
) -> None:
    path = done.path("photos/a.jpg")
    data = path.read_bytes()
    other = photo(9)
    longest = max(len(data), len(other))
    overwrite(path, data.ljust(longest, b"\0"), set_back=False)
    done.settle()
    done.run()
    worked.clear()
    overwrite(path, other.ljust(longest, b"\0"), set_back=True, replaced=replaced)
    assert done.due() == {"photos/a.jpg": ["source changed"]}
    done.bring_up()
    assert worked == ["photos/a.jpg"]
    assert done.made() == done.fresh()


def test_times_alone_are_no_change(done: Site, worked: list[str]) -> None:
    made = done.made()
    for number, path in enumerate(done.root.rglob("*.*")):
        if ".imgflow" not in path.parts:
            os.utime(path, (number, 2_000_000_000 - number))
    assert done.bring_up() == {}
    assert worked == []
    assert done.made() == made


@pytest.mark.parametrize("hours", [-24, -0.001, 24])
def test_a_clock_that_is_set_to_another_time(
    done: Site, worked: list[str], monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + int(hours * 3600e9))
    assert done.bring_up() == {}
    path = done.path("photos/a.jpg")
    overwrite(path, photo(9), set_back=True)
    assert list(done.bring_up()) == worked == ["photos/a.jpg"]
    assert done.made() == done.fresh()
    assert done.bring_up() == {}


def test_a_source_that_is_deleted(done: Site, worked: list[str]) -> None:
    made = done.made()
    done.path("photos/a.jpg").unlink()
    assert done.orphaned() == dict.fromkeys(OF_A, True)
    assert done.bring_up() == {}
    assert done.made() == made
    assert done.call("clean", "recipe.yaml", "--dry-run").out.splitlines()[-1] == (
        "4 files to remove"
    )
    assert done.made() == made
    assert done.call("clean", "recipe.yaml").out.splitlines()[-1] == "4 files removed"
    assert worked == []
    assert done.orphaned() == {}
    assert done.made() == done.fresh()


def test_a_source_that_is_renamed(done: Site, worked: list[str]) -> None:
    done.path("photos/a.jpg").rename(done.path("photos/z.jpg"))
    assert done.due() == {"photos/z.jpg": ["never made"]}
    assert done.orphaned() == dict.fromkeys(OF_A, True)
    done.bring_up()
    assert worked == ["photos/z.jpg"]
    assert done.call("clean", "recipe.yaml").code == 0
    assert done.made() == done.fresh()


def test_two_sources_that_change_names(done: Site, worked: list[str]) -> None:
    one, two, aside = (done.path(f"photos/{name}.jpg") for name in ("a", "b", "aside"))
    one.rename(aside)
    two.rename(one)
    aside.rename(two)
    assert set(done.due()) == {"photos/a.jpg", "photos/b.jpg"}
    done.bring_up()
    assert sorted(worked) == ["photos/a.jpg", "photos/b.jpg"]
    assert done.made() == done.fresh()


def test_orphans_in_words(done: Site) -> None:
    done.path("photos/a.jpg").unlink()
    done.path("photos/cats/d.jpg").unlink()
    done.write("dist/cats/d-24w.jpg", b"edited")
    told = done.call("plan", "recipe.yaml").out.splitlines()
    assert told == [
        "orphan  dist/a-24w.jpg",
        "orphan  dist/a-24w.webp",
        "orphan  dist/a-40w.jpg",
        "orphan  dist/a-40w.webp",
        "        no longer a source: photos/a.jpg",
        "orphan  dist/cats/d-24w.jpg",
        "        no longer a source: photos/cats/d.jpg; edited since, so it stays",
        "orphan  dist/cats/d-24w.webp",
        "orphan  dist/cats/d-40w.jpg",
        "orphan  dist/cats/d-40w.webp",
        "        no longer a source: photos/cats/d.jpg",
        "2 up to date, 8 files orphaned",
    ]
    dry, cleaned = (done.call("clean", "recipe.yaml", *options) for options in (["-n"], []))
    assert (
        dry.err
        == cleaned.err
        == ("dist/cats/d-24w.jpg: edited since it was made; remove it by hand\n")
    )
    assert dry.out.splitlines()[-2:] == [
        "        no longer a source: photos/cats/d.jpg",
        "7 files to remove",
    ]
    assert cleaned.out.splitlines()[:5] == [
        "removed dist/a-24w.jpg",
        "removed dist/a-24w.webp",
        "removed dist/a-40w.jpg",
        "removed dist/a-40w.webp",
        "        no longer a source: photos/a.jpg",
    ]


def test_orphans_as_json(done: Site) -> None:
    done.path("photos/a.jpg").unlink()
    done.write("dist/a-24w.jpg", b"edited")
    lines = done.call("clean", "recipe.yaml", "--json").lines
    assert {line["path"]: line["action"] for line in lines} == {
        **dict.fromkeys(OF_A, "removed"),
        "dist/a-24w.jpg": "left",
    }
    assert {line["reason"] for line in lines} == {"no longer a source: photos/a.jpg"}


def test_an_edited_orphan_stays(done: Site) -> None:
    done.path("photos/a.jpg").unlink()
    edited = done.path("dist/a-24w.jpg")
    overwrite(edited, edited.read_bytes()[::-1], set_back=True)
    own = done.path("dist/own.txt")
    own.write_text("not made by the recipe")
    assert done.orphaned() == {**dict.fromkeys(OF_A, True), "dist/a-24w.jpg": False}
    cleaned = done.call("clean", "recipe.yaml")
    assert cleaned.code == 0
    assert "dist/a-24w.jpg" in cleaned.err
    assert cleaned.out.splitlines()[-1] == "3 files removed"
    assert {"a-24w.jpg", "own.txt"} == done.made().keys() - done.fresh().keys()
    assert done.orphaned() == {"dist/a-24w.jpg": False}


def test_an_image_that_fails_and_is_mended(done: Site, worked: list[str]) -> None:
    done.write("photos/a.jpg", b"no image")
    done.write("photos/new.jpg", b"none either")
    for _ in range(2):
        steps = done.steps(code=3)
        assert {name for name, one in steps.items() if one["action"] == "fail"} == {
            "photos/a.jpg",
            "photos/new.jpg",
        }
        worked.clear()
        done.bring_up(code=3)
        assert sorted(worked) == ["photos/a.jpg", "photos/new.jpg"]
    done.draw("photos/a.jpg", 9)
    done.draw("photos/new.jpg", 10)
    assert set(done.bring_up()) == {"photos/a.jpg", "photos/new.jpg"}
    assert done.made() == done.fresh()


def overwrite(path: Path, data: bytes, *, set_back: bool, replaced: bool = False) -> None:
    """Change a file, and leave the time of its content as it was if told so."""
    before = path.stat()
    if replaced:
        path.unlink()
    path.write_bytes(data)
    if set_back:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
