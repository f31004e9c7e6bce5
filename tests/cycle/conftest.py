"""A folder with a recipe and four photographs, of which nothing was made yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle_site import Site, work_alone

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a.jpg", "b.jpg", "c.png", "cats/d.jpg")


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sources that were worked on."""
    monkeypatch.setenv("COLUMNS", "80")
    return work_alone(monkeypatch)


@pytest.fixture
def site(tmp_path: Path, worked: list[str]) -> Site:  # noqa: ARG001
    site = Site(tmp_path / "site")
    for number, name in enumerate(NAMES):
        site.draw(f"photos/{name}", number)
    site.settle()
    return site


@pytest.fixture
def done(site: Site, worked: list[str]) -> Site:
    """The same after its first run."""
    site.run()
    worked.clear()
    return site
