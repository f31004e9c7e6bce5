"""Outputs are kept in a bucket: a machine that has nothing fetches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle_site import STATE, Site

if TYPE_CHECKING:
    from pathlib import Path

    from s3_ground import Ground

ALL = ["photos/a.jpg", "photos/b.jpg", "photos/c.png", "photos/cats/d.jpg"]


@pytest.mark.parametrize("manifest", ["", "manifest: site.json\n"], ids=["plain", "manifest"])
def test_a_cold_clone_encodes_nothing(
    site: Site, ground: Ground, tmp_path: Path, worked: list[str], manifest: str
) -> None:
    state = ground.uri("cache")
    site.edit("recipe.yaml", "version: 1\n", f"version: 1\n{manifest}")
    site.run("--state", state)
    assert sorted(worked) == ALL
    worked.clear()
    twin = site.copy(tmp_path / "twin", leave=(STATE, "dist", "site.json"))
    results = twin.run("--state", state)
    assert worked == []
    assert sorted(results) == ALL
    assert twin.made() == site.made()
    if manifest:
        assert twin.path("site.json").read_bytes() == site.path("site.json").read_bytes()
    assert twin.due("--state", state) == {}
    twin.draw("photos/a.jpg", 9)
    twin.run("--state", state)
    assert worked == ["photos/a.jpg"]
    assert twin.made() == twin.fresh()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["records", "objects"])
@pytest.mark.parametrize("content", [b"", None], ids=["empty", "garbled"])
def test_damage_in_the_bucket(  # noqa: PLR0913, PLR0917 - what is set up
    site: Site,
    ground: Ground,
    tmp_path: Path,
    worked: list[str],
    kind: str,
    content: bytes | None,
) -> None:
    state = ground.uri("cache")
    site.run("--state", state)
    damaged = ground.keys(f"cache/{kind}/")
    for key in damaged:
        body = ground.body(key)
        middle = len(body) // 2
        garbled = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        ground.put(key, garbled if content is None else content)
    worked.clear()
    twin = site.copy(tmp_path / "twin", leave=(STATE, "dist"))
    twin.run("--state", state)
    assert sorted(worked) == ALL
    assert twin.made() == site.made()
    worked.clear()
    third = site.copy(tmp_path / "third", leave=(STATE, "dist"))
    third.run("--state", state)
    assert worked == []
    assert third.made() == site.made()


def test_a_parameter_there_and_back_is_fetched(
    site: Site, ground: Ground, worked: list[str]
) -> None:
    state = ground.uri("cache")
    site.run("--state", state)
    before = site.made()
    site.edit("recipe.yaml", "quality: 70", "quality: 60")
    site.run("--state", state)
    site.edit("recipe.yaml", "quality: 60", "quality: 70")
    worked.clear()
    site.run("--state", state)
    assert worked == []
    assert site.made() == before


def test_deleted_outputs_are_fetched(site: Site, ground: Ground, worked: list[str]) -> None:
    state = ground.uri("cache")
    site.run("--state", state)
    before = site.made()
    for name in ("a-24w.jpg", "b-24w.jpg", "b-40w.webp"):
        site.path(f"dist/{name}").unlink()
    worked.clear()
    site.run("--state", state)
    assert worked == []
    assert site.made() == before


def test_a_plan_and_a_run_over_nothing_write_nothing(site: Site, ground: Ground) -> None:
    state = ground.uri("cache")
    assert set(site.due("--state", state)) == set(ALL)
    assert ground.keys() == []
    site.settle()
    site.run("--state", state)
    keys = {key: ground.head(key)["LastModified"] for key in ground.keys("")}
    before = site.stats()
    site.run("--state", state)
    assert site.stats() == before
    assert {key: ground.head(key)["LastModified"] for key in ground.keys("")} == keys
