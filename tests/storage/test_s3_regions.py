"""Buckets in several regions: found once, remembered, and copied between."""

from __future__ import annotations

import pytest
from s3_homes import MEBI, Bucket, session, store

from imgflow.errors import StorageError
from imgflow.storage import S3Storage


def elsewhere(bucket: Bucket, region: str = "eu-west-1") -> None:
    bucket.gate.regions[bucket.name] = region


def scopes(bucket: Bucket) -> list[str]:
    """Return the regions that the requests so far were signed for."""
    found = [request.headers["authorization"] for request in bucket.gate.requests]
    return [text.split("/")[2] for text in found]


@pytest.mark.parametrize("malformed", [False, True])
def test_a_redirect_is_followed_once_and_remembered(bucket: Bucket, *, malformed: bool) -> None:
    elsewhere(bucket)
    bucket.gate.malformed = malformed
    uri = bucket.put("a.jpg", b"1")
    assert bucket.storage.read(uri).read() == b"1"
    assert scopes(bucket) == ["us-east-1", "eu-west-1"]
    bucket.storage.read(uri)
    bucket.storage.write(uri, b"2")
    assert bucket.storage.stat(uri) is not None
    assert len(list(bucket.storage.list(bucket.uri("")))) == 1
    assert set(scopes(bucket)[2:]) == {"eu-west-1"}
    assert len(bucket.gate.requests) == 6


def test_a_redirect_without_a_body(bucket: Bucket) -> None:
    elsewhere(bucket)
    bucket.put("a.jpg", b"1")
    entry = bucket.storage.stat(bucket.uri("a.jpg"))
    assert entry is not None
    assert entry.size == 1


def test_a_region_that_is_said_is_not_asked_for(bucket: Bucket) -> None:
    elsewhere(bucket)
    storage = S3Storage(bucket.name, "eu-west-1", store=store(bucket.gate.url), session=session())
    storage.write(bucket.uri("a.jpg"), b"1")
    assert "eu-west-1" in storage.presigned_url("a.jpg")
    assert scopes(bucket) == ["eu-west-1"]


def test_a_presigned_url_is_for_the_region_of_the_bucket(bucket: Bucket) -> None:
    elsewhere(bucket, "ap-south-1")
    for _ in range(2):
        assert "%2Fap-south-1%2Fs3%2F" in bucket.storage.presigned_url(bucket.uri("a.jpg"))
    assert len(bucket.gate.requests) == 2


def test_a_bucket_that_is_nowhere(bucket: Bucket) -> None:
    bucket.gate.regions["nobody-has-this"] = "nowhere-1"
    storage = bucket.again(attempts=1)
    with pytest.raises(StorageError) as caught:
        storage.presign("s3://nobody-has-this/a.jpg")
    assert caught.value.code in {"bucket-missing", "source-missing"}


def test_a_redirect_that_leads_nowhere(bucket: Bucket) -> None:
    bucket.gate.fail(301, "PermanentRedirect", times=99)
    with pytest.raises(StorageError) as caught:
        bucket.again(attempts=1).read(bucket.uri("a.jpg"))
    assert (caught.value.code, caught.value.retryable) == ("wrong-region", False)


def test_copies_between_regions_are_made_by_the_target(bucket: Bucket) -> None:
    bucket.client.create_bucket(Bucket=f"{bucket.name}-far")
    elsewhere(bucket)
    bucket.gate.regions[f"{bucket.name}-far"] = "us-west-2"
    uri = bucket.put("a b?.jpg", b"1234", ContentType="image/jpeg", Metadata={"who": "me"})
    far = f"s3://{bucket.name}-far/b#.jpg"
    assert bucket.storage.copy(uri, far)[:2] == (far, 4)
    assert bucket.storage.read(far).read() == b"1234"
    head = bucket.client.head_object(Bucket=f"{bucket.name}-far", Key="b#.jpg")
    assert (head["ContentType"], head["Metadata"]) == ("image/jpeg", {"who": "me"})
    put = next(request for request in bucket.gate.requests[::-1] if request.method == "PUT")
    assert put.body == b""
    assert "us-west-2" in put.headers["authorization"]
    bucket.gate.requests.clear()
    bucket.storage.copy(uri, far)
    assert [request.method for request in bucket.gate.requests] == ["HEAD", "PUT"]


def test_large_copies_go_in_parts(bucket: Bucket) -> None:
    data = bytes(range(256)) * (12 * MEBI // 256)
    told = {"ContentType": "image/png", "CacheControl": "max-age=1", "Metadata": {"who": "me"}}
    uri = bucket.put("a.png", data, Tagging="a=b%20c", **told)
    storage = bucket.again(copy_bytes=8 * MEBI, part_bytes=5 * MEBI // 32)
    storage.copy(uri, bucket.uri("b.png"))
    assert bucket.body("b.png") == data
    head = bucket.client.head_object(Bucket=bucket.name, Key="b.png")
    assert {name: head[name] for name in told} == told
    tags = bucket.client.get_object_tagging(Bucket=bucket.name, Key="b.png")["TagSet"]
    assert tags == [{"Key": "a", "Value": "b c"}]
    ranges = [request.headers.get("x-amz-copy-source-range") for request in bucket.gate.requests]
    assert len([found for found in ranges if found]) == 3
    assert all(not request.body for request in bucket.gate.requests if request.method == "PUT")


def test_a_large_copy_that_fails_leaves_nothing(bucket: Bucket) -> None:
    uri = bucket.put("a.png", bytes(12 * MEBI))
    storage = bucket.again(copy_bytes=8 * MEBI, part_bytes=5 * MEBI // 32, attempts=1)
    bucket.gate.fail(500, "InternalError", times=9, method="PUT")
    with pytest.raises(StorageError) as caught:
        storage.copy(uri, bucket.uri("b.png"))
    assert caught.value.code == "storage-busy"
    assert bucket.uploads() == []
    assert bucket.keys() == ["a.png"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "https://photos.s3.eu-west-1.amazonaws.com/a%20b.jpg?"),
        ({"dual_stack": True}, "https://photos.s3.dualstack.eu-west-1.amazonaws.com/a%20b.jpg?"),
        ({"accelerate": True}, "https://photos.s3-accelerate.amazonaws.com/a%20b.jpg?"),
        ({"addressing": "path"}, "https://s3.eu-west-1.amazonaws.com/photos/a%20b.jpg?"),
        ({"endpoint_url": "https://minio.example:9000"}, "https://minio.example:9000/photos/a%20b"),
        (
            {"endpoint_url": "https://id.r2.example", "addressing": "virtual"},
            "https://photos.id.r2.example/a%20b.jpg?",
        ),
    ],
)
def test_ways_to_reach_a_bucket(settings: dict[str, object], expected: str) -> None:
    declared = store("", **settings)
    storage = S3Storage("photos", "eu-west-1", store=declared, session=session())
    assert storage.presigned_url("a b.jpg").startswith(expected)


def test_as_many_connections_as_requests_may_be_under_way(bucket: Bucket) -> None:
    storage = bucket.again(concurrency=37)
    client = storage._clients.near(bucket.name)  # noqa: SLF001
    assert client.meta.config.max_pool_connections == 37
