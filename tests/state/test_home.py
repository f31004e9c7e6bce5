"""Names of files that do not depend on where a project is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imgflow.libvips import libvips_version
from imgflow.state import versions
from imgflow.state.home import Home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.jpg", "sub/a.jpg"),
        ("./x/../a.jpg", "sub/a.jpg"),
        ("../photos/a.jpg", "photos/a.jpg"),
        ("../../beside/a.jpg", "../beside/a.jpg"),
        (".", "sub"),
        ("s3://bucket/a.jpg", "s3://bucket/a.jpg"),
    ],
)
def test_names_from_a_folder_below(
    path: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "home"
    (root / "sub").mkdir(parents=True)
    monkeypatch.chdir(root / "sub")
    home = Home("..")
    assert home.name(path) == name
    if "://" not in path:
        assert home.name(os.path.abspath(path)) == name
        assert home.path(name) == os.path.abspath(path)
        assert os.path.abspath(home.path(name, absolute=False)) == os.path.abspath(path)
        assert not os.path.isabs(home.path(name, absolute=False))
    else:
        assert home.path(name) == path


def test_libvips_without_its_wheel_has_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    versions._libvips.cache_clear()  # noqa: SLF001
    monkeypatch.setattr(versions, "version_of", lambda name: f"{name} none")
    try:
        assert versions.software()["libvips"] == libvips_version()
    finally:
        versions._libvips.cache_clear()  # noqa: SLF001
