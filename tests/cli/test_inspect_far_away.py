"""``imgflow inspect`` of images in buckets and on the web: a few kB of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from command import Done
from s3_ground import Ground, break_ground
from s3_server import Gate, S3Server

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]
PHOTO = "photos/cup.jpg"
LARGE = 8_000_000


def test_an_object_is_told_like_a_file(here: Here, ground: Ground) -> None:
    uri = ground.put("a photo.jpg", Path(PHOTO).read_bytes())
    (here_told,) = here("inspect", PHOTO, "--json").lines
    (told,) = here("inspect", uri, "--json").lines
    assert told == {**here_told, "name": uri}
    assert here("inspect", uri).out.startswith(f"{uri}\n")


def test_a_few_kilobytes_of_a_large_one(
    here: Here, object_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(object_server.port) as gate:
        ground = break_ground(gate.url, tmp_path)
        for name, value in ground.settings.items():
            monkeypatch.setenv(name, value)
        photo = samples.encoded(samples.coffee(), "JPEG")
        uri = ground.put("large.jpg", photo + bytes(LARGE))
        read: list[int] = []
        gate.changes.append(lambda _, answer: read.append(len(answer.body)) or answer)  # type: ignore[func-returns-value]
        (told,) = here("inspect", uri, "--json").lines
    assert (told["bytes"], told["format"]) == (len(photo) + LARGE, "jpeg")
    assert 0 < sum(read) <= 32_768


def test_what_is_not_there_does_not_keep_the_others(here: Here, ground: Ground) -> None:
    done = here(
        "inspect", ground.uri("gone.jpg"), "s3://no-such-bucket-here/a.jpg", PHOTO, "--json"
    )
    assert done.code == 3
    assert [line.get("error", {}).get("code") for line in done.lines] == [
        "source-missing",
        "bucket-missing",
        None,
    ]


def test_the_web(
    here: Here, ground: Ground, object_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.put("open.jpg", Path(PHOTO).read_bytes(), ACL="public-read")
    url = f"{object_server.url}/{ground.bucket}/open.jpg"
    done = here("inspect", url, "--json")
    assert done.lines[0]["error"]["code"] == "not-allowed"
    monkeypatch.setenv("IMGFLOW_ALLOW", f"/srv,{object_server.url}/")
    (told,) = here("inspect", url, "--json").lines
    assert (told["name"], told["format"]) == (url, "jpeg")


def test_stores_that_cannot_be_read(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGFLOW_STORES", "gone.yaml")
    done = here("inspect", "s3://bucket/a.jpg")
    assert done.code == 2
    assert done.err.startswith("IMGFLOW_STORES: gone.yaml: expected a file of stores")
    Path("stores.yaml").write_text(json.dumps({"media": {"secret_access_key": "do-not-tell"}}))
    monkeypatch.setenv("IMGFLOW_STORES", "stores.yaml")
    done = here("inspect", "s3://bucket/a.jpg")
    assert done.code == 2
    assert "do-not-tell" not in done.out + done.err
