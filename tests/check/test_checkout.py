"""What services call the files of a repository."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.check import Checkout, find_checkout

ROOT = Checkout("/home/me/site")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/me/site/a/b.jpg", "a/b.jpg"),
        ("/home/me/site/a/../..b.jpg", "..b.jpg"),
        ("/home/me/other.jpg", ""),
        ("/home/me", ""),
        ("s3://bucket/a.jpg", ""),
        ("", ""),
    ],
)
def test_names(path: str, name: str) -> None:
    assert ROOT.name(path) == name


def test_uris() -> None:
    assert ROOT.uri("/home/me/site/a b/100%:é?#.jpg") == "a%20b/100%25%3A%C3%A9%3F%23.jpg"
    assert ROOT.uri("/home/me/a b.jpg") == "file:///home/me/a%20b.jpg"
    assert ROOT.uri("s3://bucket/a b.jpg") == "s3://bucket/a%20b.jpg"
    assert ROOT.uri("https://host/a%20b.jpg?x=1") == "https://host/a%20b.jpg?x=1"


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1))
def test_a_uri_means_the_file(name: str) -> None:
    if name in {".", ".."}:
        return
    found = urlsplit(urljoin("file:///home/me/site/", ROOT.uri(f"/home/me/site/{name}")))
    assert (found.scheme, found.query, found.fragment) == ("file", "", "")
    assert unquote(found.path) == f"/home/me/site/{name}"


def test_the_folder_of_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / "site")
    here, elsewhere = str(tmp_path / "site"), str(tmp_path / "other")
    assert find_checkout({}) == (here,)
    assert find_checkout({"GITHUB_WORKSPACE": str(tmp_path)}) == (str(tmp_path),)
    assert find_checkout({"CI_PROJECT_DIR": str(tmp_path)}) == (str(tmp_path),)
    assert find_checkout({"GITHUB_WORKSPACE": elsewhere}) == (here,)
