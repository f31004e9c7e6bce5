"""The recipe, or what stands beside it, changes between two runs."""

from __future__ import annotations

import datetime as dt
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import samples
from cycle_site import RECIPE, Site
from PIL import Image

from imgflow.recipe import expand

ALL = ["photos/a.jpg", "photos/b.jpg", "photos/c.png", "photos/cats/d.jpg"]
LOGO = "  - {op: overlay, image: logo.png}\n"


def everywhere(*reasons: str) -> dict[str, list[str]]:
    return {name: list(reasons) for name in ALL}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("quality: 70", "quality: 60", "quality: 70 -> 60"),
        ("width: 48", "width: 44", "steps[0].width: 48 -> 44"),
        ("  - {op: resize, width: 48}", "  - {op: grayscale}", "steps[0]: resize -> grayscale"),
        ("48}\n", "48}\n  - {op: flip}\n", "steps[1]: flip added"),
    ],
)
def test_a_parameter_is_changed(
    done: Site, worked: list[str], old: str, new: str, reason: str
) -> None:
    done.edit("recipe.yaml", old, new)
    due = done.due()
    assert sorted(due) == ALL
    assert all(any(reason in one for one in reasons) for reasons in due.values()), due
    assert sorted(done.bring_up()) == sorted(worked) == ALL
    assert done.made() == done.fresh()
    assert done.due() == {}


def test_reasons_fit_a_terminal(done: Site) -> None:
    done.edit("recipe.yaml", "quality: 70", "quality: 60")
    done.edit("recipe.yaml", "width: 48", "width: 44")
    told = done.call("plan", "recipe.yaml")
    assert told.err == ""
    assert told.out.splitlines()[:3] == [
        "update  photos/a.jpg",
        "        steps[0].width: 48 -> 44; quality: 70 -> 60",
        "  -> dist/a-24w.jpg  24x16 jpeg",
    ]
    assert told.out.splitlines()[-1] == "4 to update"
    assert all(len(line) <= 80 for line in told.out.splitlines())


@pytest.mark.parametrize(
    "limits",
    [
        ["--max-megapixels", "0.001"],
        ["--max-total-megapixels", "0.001"],
        ["--max-megabytes", "0.001"],
    ],
)
def test_a_plan_keeps_to_the_limits_of_its_run(done: Site, limits: list[str]) -> None:
    planned = done.steps("--force", *limits, code=3)
    made = done.run("--force", *limits, code=3)
    refused = {name: one["error"]["code"] for name, one in planned.items() if "error" in one}
    assert refused == {name: one["error"]["code"] for name, one in made.items() if one["error"]}
    assert refused.keys() == {name for name, one in planned.items() if one["action"] == "fail"}


def test_what_does_not_count(done: Site, worked: list[str]) -> None:
    before = done.made()
    lines = RECIPE.splitlines()
    turned = [*lines[:1], "# a remark", *lines[3:], *lines[1:3], "name: another"]
    done.write("recipe.yaml", "\n".join(turned) + "\n")
    done.write("photos/a.jpg.imgflow.yaml", "alt: A cup of coffee\n")
    assert done.bring_up() == {}
    assert worked == []
    assert done.made() == before


def test_a_width_less_and_one_more(done: Site) -> None:
    done.edit("recipe.yaml", "widths: [24, 40]", "widths: [12, 40]")
    done.bring_up()
    fresh = done.fresh()
    lost = {name for name in done.made() if "-24w" in name}
    assert len(lost) == 8
    assert done.made().keys() - fresh.keys() == lost
    assert set(done.orphaned()) == {f"dist/{name}" for name in lost}
    assert done.call("clean", "recipe.yaml").code == 0
    assert done.made() == fresh


def test_a_parameter_there_and_back(done: Site) -> None:
    before = done.made()
    done.edit("recipe.yaml", "widths: [24, 40]", "widths: [12, 40]")
    done.bring_up()
    done.edit("recipe.yaml", "widths: [12, 40]", "widths: [24, 40]")
    done.bring_up()
    done.call("clean", "recipe.yaml")
    assert done.made() == before
    assert not done.due()
    assert not done.orphaned()


def test_a_file_that_a_step_reads(site: Site, worked: list[str]) -> None:
    site.write("logo.png", samples.encoded(Image.new("RGB", (8, 8), "red")))
    site.edit("recipe.yaml", "48}\n", f"48}}\n{LOGO}")
    site.settle()
    site.bring_up()
    site.write("logo.png", samples.encoded(Image.new("RGB", (8, 8), "blue")))
    assert site.due() == everywhere("logo.png changed")
    worked.clear()
    site.bring_up()
    assert sorted(worked) == ALL
    assert site.made() == site.fresh()
    assert site.due() == {}


def test_software_that_is_newer(
    done: Site, worked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgflow.state.versions.__version__", "99.0")
    due = done.due()
    assert sorted(due) == ALL
    assert all(len(why) == 1 and why[0].endswith(" -> 99.0") for why in due.values())
    done.bring_up()
    assert sorted(worked) == ALL
    assert done.due() == {}


def test_an_encoder_that_is_newer(
    done: Site, worked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = ("pyjpegli 99.0",)
    monkeypatch.setattr("imgflow.encoders.jpeg.Jpeg.versions", classmethod(lambda _: versions))
    due = done.due()
    assert sorted(due) == ALL
    assert all(len(why) == 1 and why[0].endswith(" -> 99.0") for why in due.values())
    done.bring_up()
    assert sorted(worked) == ALL
    assert done.due() == {}


def test_the_day_is_no_reason(
    site: Site, worked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.edit("recipe.yaml", "{out}/{dir}", "{out}/{date}/{dir}")
    wake(monkeypatch, "2026-01-01")
    site.bring_up()
    before = site.stats()
    wake(monkeypatch, "2026-01-02")
    worked.clear()
    assert site.bring_up() == {}
    assert worked == []
    assert site.stats() == before
    site.draw("photos/a.jpg", 9)
    paths = {one["path"] for one in site.bring_up()["photos/a.jpg"]["outputs"]}
    assert all(path.startswith("dist/2026-01-02/a-") for path in paths)
    assert worked == ["photos/a.jpg"]
    assert set(site.orphaned()) == {path.replace("-02/", "-01/") for path in paths}
    assert site.call("clean", "recipe.yaml").code == 0
    assert len(site.made()) == 16
    assert site.due() == {}


def test_force_makes_everything_again(done: Site, worked: list[str]) -> None:
    before = done.made()
    assert done.due("--force") == everywhere("forced")
    assert sorted(done.bring_up("--force")) == sorted(worked) == ALL
    assert done.made() == before
    assert done.due() == {}


@pytest.mark.parametrize("options", [("--out", "other"), ("--set", "out=other")])
def test_outputs_elsewhere(done: Site, worked: list[str], options: tuple[str, str]) -> None:
    before = done.made()
    assert sorted(done.bring_up(*options)) == sorted(worked) == ALL
    elsewhere = done.made("other")
    assert sorted(elsewhere.values()) == sorted(before.values())
    assert done.made() == before
    assert done.due(*options) == {}
    if options[0] == "--out":
        assert not done.due()
        assert not done.orphaned()
        assert not done.orphaned(*options)
    else:
        assert done.due() == everywhere(
            "path: other/{dir}/{stem}-{width}w.{ext} -> dist/{dir}/{stem}-{width}w.{ext}"
        )


def test_a_few_of_the_sources(done: Site, worked: list[str]) -> None:
    done.draw("photos/a.jpg", 8)
    done.draw("photos/b.jpg", 9)
    done.path("photos/c.png").unlink()
    assert list(done.bring_up("photos/a.jpg")) == worked == ["photos/a.jpg"]
    lost = ["dist/c-24w.jpg", "dist/c-24w.webp", "dist/c-40w.jpg", "dist/c-40w.webp"]
    assert sorted(done.orphaned()) == sorted(done.orphaned("photos/a.jpg")) == lost
    assert done.due() == {"photos/b.jpg": ["source changed"]}
    assert done.call("clean", "recipe.yaml", "photos/a.jpg").code == 0
    done.bring_up()
    assert done.made() == done.fresh()


def test_a_file_beside_a_source(done: Site, worked: list[str]) -> None:
    beside = "photos/a.jpg.imgflow.yaml"
    for text, reason in [
        ("quality: 40\n", "quality: 70 -> 40"),
        ("quality: 30\n", "quality: 40 -> 30"),
        ("alt: A cup\n", "quality: 30 -> 70"),
    ]:
        done.write(beside, text)
        assert done.due() == {"photos/a.jpg": [reason]}
        worked.clear()
        done.bring_up()
        assert worked == ["photos/a.jpg"]
        assert done.made() == done.fresh()
    done.path(beside).unlink()
    assert done.bring_up() == {}


def test_an_override(done: Site, worked: list[str]) -> None:
    override = "overrides: [{match: cats/*, quality: 9}]\n"
    done.edit("recipe.yaml", "version: 1\n", f"version: 1\n{override}")
    assert done.due() == {"photos/cats/d.jpg": ["quality: 70 -> 9"]}
    done.bring_up()
    assert worked == ["photos/cats/d.jpg"]
    assert done.made() == done.fresh()


def test_a_manifest_that_is_asked_for_later(done: Site, worked: list[str]) -> None:
    done.edit("recipe.yaml", "version: 1\n", "version: 1\nmanifest: site.json\n")
    assert done.due() == everywhere("manifest added")
    before = done.made()
    done.bring_up()
    assert sorted(worked) == ALL
    manifest = done.path("site.json").read_bytes()
    assert done.made() == before
    assert done.due() == {}
    done.path("site.json").unlink()
    done.bring_up()
    assert done.path("site.json").read_bytes() == manifest
    assert sorted(worked) == ALL
    done.edit("recipe.yaml", "manifest: site.json\n", "")
    assert done.bring_up() == {}


def test_a_manifest_alone_is_due(done: Site, worked: list[str]) -> None:
    done.edit("recipe.yaml", "version: 1\n", "version: 1\nmanifest: site.json\n")
    done.run()
    assert done.call("plan", "recipe.yaml").out == "4 up to date\n"
    worked.clear()
    for change in (done.path("site.json").unlink, done.path("photos/a.jpg").unlink):
        change()
        assert [line["manifest"] for line in done.plan() if "manifest" in line] == ["site.json"]
        told = done.call("plan", "recipe.yaml").out.splitlines()
        assert told[:2] == ["update  site.json", "        manifest missing or out of date"]
        assert told[-1].endswith(", the manifest to write")
        done.run()
        assert not [line for line in done.plan() if "manifest" in line]
    assert worked == []


def test_budgets_that_are_not_kept(site: Site) -> None:
    site.edit("recipe.yaml", "version: 1\n", "version: 1\nbudgets: {max_bytes: 10}\n")
    for number in range(8):
        site.draw(f"photos/more/{number}.jpg", number)
    for _ in range(2):
        told = site.call("run", "recipe.yaml", "-q")
        assert told.code == 1
        lines = told.err.splitlines()
        assert len(lines) == 21
        assert all(line.startswith("over budget: dist/") for line in lines[:-1])
        assert lines[-1] == "over budget: 28 more, which --json tells"
        told = site.call("run", "recipe.yaml", "--json")
        assert sum("over_budget" in line for line in told.lines) == 48
    site.write("photos/bad.jpg", b"no image")
    assert site.call("run", "recipe.yaml").code == 3


def test_two_recipes_with_one_folder_for_their_state(done: Site, worked: list[str]) -> None:
    done.write("other.yaml", RECIPE.replace("out: dist", "out: other").replace("70", "50"))
    done.settle()
    done.run(recipe="other.yaml")
    assert len(worked) == 4
    for recipe in ("recipe.yaml", "other.yaml"):
        assert not done.due(recipe=recipe)
        assert not done.orphaned(recipe=recipe)
        assert done.call("clean", recipe).out == "0 files removed\n"
    before = done.stats()
    done.run()
    done.run(recipe="other.yaml")
    assert done.stats() == before


def wake(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Let it be some day."""
    now = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
    clock: Any = SimpleNamespace(UTC=dt.UTC, datetime=SimpleNamespace(now=lambda _: now))
    monkeypatch.setattr(sys.modules[expand.__module__], "dt", clock)
