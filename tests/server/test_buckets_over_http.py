"""Buckets behind the endpoint: signed URLs, uploads, pictures; and no secret anywhere."""

from __future__ import annotations

import time
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import samples
from endpoint import Endpoint, serving
from s3_ground import Ground
from s3_server import SECRET

from imgflow.errors import UsageError
from imgflow.guard import Allowed
from imgflow.job import Written
from imgflow.server import open_depot
from imgflow.storage import load_stores

ORDER = {"operations": [{"op": "resize", "width": 80}], "output": "file:///srv/{stem}.webp"}


@pytest.fixture
def shop(one_redis_url: str, ground: Ground) -> Iterator[Endpoint]:
    """An endpoint with a bucket, all of it allowed, and a place for uploads."""
    stores = load_stores(ground.settings["IMGFLOW_STORES"])
    places = (f"s3://{ground.bucket}", "/srv")
    with serving(one_redis_url, *places, stores=stores, uploads=ground.uri("up/")) as endpoint:
        yield endpoint


def done(shop: Endpoint, *paths: str) -> str:
    """Have a job done that says it wrote some files."""
    shop.submit({"input": "/srv/a.jpg", "output": "/srv/b.jpg", "dedupe": False})
    return shop.run(
        *(Written(path=path, format="jpeg", width=8, height=8, bytes=9) for path in paths)
    )


def test_signed_urls_of_outputs(shop: Endpoint, ground: Ground) -> None:
    uri = ground.put("out/a b.jpg", b"picture")
    job_id = done(shop, "/srv/here.jpg", uri, "s3://other-bucket/secret.jpg")
    plain = shop.client.get(f"/jobs/{job_id}")
    assert "urls" not in plain.json()
    told = shop.client.get(f"/jobs/{job_id}", params={"urls": "1", "expires": 60}).json()
    (link,) = told["urls"]
    assert link["path"] == uri
    assert "X-Amz-Expires=60" in link["url"]
    with urllib.request.urlopen(link["url"]) as answer:  # noqa: S310
        assert answer.read() == b"picture"
    assert {**plain.json(), "urls": [link]} == told
    assert SECRET not in str(told)


@pytest.mark.parametrize(
    "query", ["urls=2", "urls=1&expires=0", "urls=1&expires=604801", "urls=1&expires=1h"]
)
def test_queries_that_make_no_sense(shop: Endpoint, query: str) -> None:
    reply = shop.client.get(f"/jobs/{done(shop)}?{query}")
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-query")


def test_a_picture_in_a_bucket_passes_through(shop: Endpoint, ground: Ground) -> None:
    picture = samples.encoded(samples.cat(), "JPEG")
    job_id = done(shop, ground.put("cat.jpg", picture), ground.uri("gone.jpg"))
    reply = shop.client.get(f"/jobs/{job_id}/outputs/0")
    assert (reply.status_code, reply.content) == (200, picture)
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    gone = shop.client.get(f"/jobs/{job_id}/outputs/1")
    assert (gone.status_code, gone.json()["code"]) == (404, "source-missing")
    away = shop.client.get(f"/jobs/{done(shop, 's3://other-bucket/a.jpg')}/outputs/0")
    assert (away.status_code, away.json()["code"]) == (403, "not-allowed")


def test_an_upload_of_a_known_length(shop: Endpoint, ground: Ground) -> None:
    picture = samples.encoded(samples.cat(), "JPEG")
    asked = {"filename": "my cat.jpg", "content_length": len(picture), "job": ORDER}
    told = shop.post("/uploads", asked).json()
    assert told["input"].startswith(ground.uri(f"up/{time.strftime('%Y-', time.gmtime())}"))
    assert told["input"].endswith("/my cat.jpg")
    assert told["job"] == {"input": told["input"], **ORDER}
    upload = told["upload"]
    assert upload["method"] == "PUT"
    assert upload["headers"] == {
        "Content-Type": "image/jpeg",
        "Content-Length": str(len(picture)),
    }
    assert httpx.put(upload["url"], content=picture, headers=upload["headers"]).is_success
    assert ground.body(told["input"].removeprefix(ground.uri(""))) == picture
    accepted = shop.post("/jobs", told["job"])
    assert accepted.status_code == 202
    status = shop.client.get(accepted.headers["Location"]).json()
    assert status["input"] == told["input"]


def test_an_upload_by_a_form(shop: Endpoint, ground: Ground) -> None:
    told = shop.post("/uploads", {"content_type": "image/png", "max_bytes": 1000}).json()
    assert told["input"].endswith("/image.png")
    assert "job" not in told
    upload = told["upload"]
    assert upload["method"] == "POST"
    sent = httpx.post(upload["url"], data=upload["fields"], files={"file": b"data"})
    assert sent.is_success
    key = told["input"].removeprefix(ground.uri(""))
    assert ground.body(key) == b"data"


def test_no_two_uploads_go_to_one_place(shop: Endpoint) -> None:
    asked = {"filename": "cat.jpg", "content_length": 5}
    inputs = {shop.post("/uploads", asked).json()["input"] for _ in range(3)}
    assert len(inputs) == 3
    assert all(uuid.UUID(uri.split("/")[-2]) for uri in inputs)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"content_length": 0}, "content_length"),
        ({"content_length": 512_000_001}, "content_length"),
        ({"content_length": None}, "content_length"),
        ({"max_bytes": 5}, ""),
        ({"filename": "../up.jpg"}, "filename"),
        ({"filename": ".."}, "filename"),
        ({"filename": "a%2e/%2e.jpg"}, "filename"),
        ({"filename": "a\\b.jpg"}, "filename"),
        ({"filename": "nothing"}, ""),
        ({"content_type": "text/html"}, "content_type"),
        ({"expires": 604_801}, "expires"),
        ({"key": "other/place.jpg"}, ""),
        ({"job": []}, "job"),
        ({"job": {**ORDER, "input": "/srv/a.jpg"}}, "job.input"),
        ({"job": {**ORDER, "output": "/etc/x.jpg"}}, "job.output"),
        ({"job": {**ORDER, "operations": [{"op": "resize", "widht": 1}]}}, "job.operations[0]"),
    ],
    ids=str,
)
def test_uploads_that_are_refused(shop: Endpoint, changes: dict[str, Any], path: str) -> None:
    reply = shop.post("/uploads", {"filename": "cat.jpg", "content_length": 5, **changes})
    assert reply.status_code in {403, 422}, reply.text
    assert path in [one.get("path", "") for one in reply.json()["problems"]]


def test_a_server_without_a_place_for_uploads(endpoint: Endpoint) -> None:
    reply = endpoint.post("/uploads", {"filename": "cat.jpg", "content_length": 5})
    assert (reply.status_code, reply.json()["code"]) == (404, "uploads-off")


@pytest.mark.parametrize("uploads", ["/srv/up", "https://a.io/up/", "s3://other/up/", "s3://"])
def test_places_that_take_no_uploads(uploads: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_depot({}, uploads, Allowed(["s3://bucket/", "/srv", "https://a.io/"]))
    assert caught.value.message.startswith("--uploads: ")


def test_a_bucket_that_cannot_be_reached(one_redis_url: str, ground: Ground) -> None:
    stores = load_stores(ground.settings["IMGFLOW_STORES"])
    with serving(one_redis_url, "s3://", "/srv", stores=stores, uploads="s3://nowhere/up/") as shop:
        reply = shop.post("/uploads", {"filename": "cat.jpg", "content_length": 5})
        assert (reply.status_code, reply.json()["code"]) == (502, "bucket-missing")
        assert "s3://nowhere/up/" in reply.json()["detail"]
