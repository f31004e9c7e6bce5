"""Buckets listed: page by page, in the order of keys."""

from __future__ import annotations

import itertools
from urllib.parse import parse_qs, urlsplit

import pytest
from s3_homes import Bucket
from s3_server import Answer, Request

from imgflow.errors import StorageError

PAGES = 20


def endless(request: Request) -> Answer | None:
    """Answer with pages of a thousand keys."""
    if request.method != "GET" or "list-type=2" not in request.path:
        return None
    query = parse_qs(urlsplit(request.path).query)
    page = int(query.get("continuation-token", ["0"])[0])
    items = "".join(
        f"<Contents><Key>many/{page:04}/{number:04}%20%C3%BC.jpg</Key><Size>5</Size>"
        "<LastModified>2026-11-22T15:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag></Contents>"
        for number in range(1000)
    )
    more = page + 1 < PAGES
    token = f"<NextContinuationToken>{page + 1}</NextContinuationToken>" if more else ""
    truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
    body = (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<EncodingType>url</EncodingType>{truncated}{token}{items}</ListBucketResult>"
    )
    return Answer(200, {"content-type": "application/xml"}, body.encode())


@pytest.mark.slow
def test_pages_are_fetched_when_they_are_needed(bucket: Bucket) -> None:
    bucket.gate.rules.append(endless)
    entries = bucket.storage.list(bucket.uri("many"))
    assert bucket.gate.said == []
    first = next(entries)
    assert first.uri == bucket.uri("many/0000/0000 ü.jpg")
    assert (first.size, first.etag) == (5, "e")
    assert first.modified is not None
    assert len(list(itertools.islice(entries, 999))) == 999
    assert len(bucket.gate.said) == 1
    uris = [entry.uri for entry in entries]
    assert len(uris) == (PAGES - 1) * 1000
    assert uris == sorted(uris)
    assert len(bucket.gate.said) == PAGES


def test_a_page_that_fails(bucket: Bucket) -> None:
    bucket.gate.rules.append(endless)
    entries = bucket.again(attempts=1).list(bucket.uri("many"))
    next(entries)
    bucket.gate.rules.insert(0, lambda _: Answer(503, {}, b"<Error><Code>SlowDown</Code></Error>"))
    with pytest.raises(StorageError) as caught:
        list(entries)
    assert (caught.value.code, caught.value.retryable) == ("storage-busy", True)


def test_what_stands_for_a_folder_is_left_out(bucket: Bucket) -> None:
    bucket.put("a/", b"")
    bucket.put("a/b/", b"")
    bucket.put("a/b/c.jpg", b"")
    bucket.put("a/odd/", b"not empty")
    found = [entry.uri for entry in bucket.storage.list(f"s3://{bucket.name}")]
    assert found == [bucket.uri("a/b/c.jpg"), bucket.uri("a/odd/")]


def test_only_what_begins_like_that_is_asked_for(bucket: Bucket) -> None:
    for key in ("p/2025-01.jpg", "p/2026-01.jpg", "p/2026-02/x.jpg", "p2026"):
        bucket.put(key, b"1")
    found = [entry.uri for entry in bucket.storage.list(bucket.uri("p"), "2026-")]
    assert found == [bucket.uri("p/2026-01.jpg"), bucket.uri("p/2026-02/x.jpg")]
    assert "prefix=p%2F2026-" in bucket.gate.said[0]


def test_keys_with_slashes_anywhere(bucket: Bucket) -> None:
    keys = ["/lead", "a//b", "a/../b", "./c", "../up", "end/"]
    for key in keys:
        assert bucket.storage.write(bucket.uri(key), key.encode()).uri == bucket.uri(key)
    assert sorted(bucket.keys()) == sorted(keys)
    for key in keys:
        assert bucket.storage.read(bucket.uri(key)).read() == key.encode()


def test_requests_that_the_caller_pays_for(bucket: Bucket) -> None:
    storage = bucket.again(requester_pays=True)
    uri = bucket.uri("a.jpg")
    storage.write(uri, b"1")
    storage.read(uri)
    storage.stat(uri)
    list(storage.list(bucket.uri("")))
    storage.copy(uri, bucket.uri("b.jpg"))
    storage.delete(uri)
    paid = [request.headers.get("x-amz-request-payer") for request in bucket.gate.requests]
    assert paid == ["requester"] * 7


def test_requests_without_credentials(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", b"1", ACL="public-read")
    assert bucket.again(anonymous=True).locate(uri).read() == b"1"
    assert "authorization" not in bucket.gate.requests[0].headers
