"""Writing to S3: one request, whole or not at all, never twice, nothing left behind."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib
from typing import Any

import pytest
import samples
from s3_homes import MEBI, Bucket
from s3_server import Answer, Request, check_sums, error

from imgflow.errors import StorageError
from imgflow.storage import Properties, S3Storage
from imgflow.storage.properties import decode_metadata
from imgflow.storage.s3 import writing
from imgflow.storage.s3.parts import cut

LARGE = os.urandom(13 * MEBI + 5)
ONCE = Properties(if_absent=True)


def in_parts(bucket: Bucket, **settings: Any) -> S3Storage:
    return bucket.again(multipart_bytes=8 * MEBI, part_bytes=5 * MEBI, **settings)


def failure(
    bucket: Bucket, data: bytes, properties: Properties, storage: S3Storage
) -> StorageError:
    with pytest.raises(StorageError) as caught:
        storage.write(bucket.uri("a.jpg"), data, properties)
    assert bucket.uri("a.jpg") in caught.value.message
    return caught.value


def test_one_request_with_a_checksum(bucket: Bucket) -> None:
    bucket.storage.write(bucket.uri("a.jpg"), b"data")
    (request,) = bucket.gate.requests
    assert (request.method, request.path) == ("PUT", f"/{bucket.name}/a.jpg")
    digest = base64.b64encode(hashlib.sha256(b"data").digest()).decode()
    assert request.headers["x-amz-checksum-sha256"] == digest
    assert "if-none-match" not in request.headers
    assert "x-amz-acl" not in request.headers
    assert request.body == b"data"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.jpg", samples.encoded(samples.cat(), "JPEG"), "image/jpeg"),
        ("a", samples.encoded(samples.cat(), "PNG"), "image/png"),
        ("a.jpg", samples.encoded(samples.cat(), "WEBP"), "image/webp"),
        ("a.avif", samples.encoded(samples.cat(), "AVIF"), "image/avif"),
        ("a.gif", samples.encoded(samples.cat(), "GIF"), "image/gif"),
        ("a.tif", samples.encoded(samples.cat(), "TIFF"), "image/tiff"),
        ("a.bmp", samples.encoded(samples.cat(), "BMP"), "image/bmp"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("a.html", b"<p>", "text/html; charset=utf-8"),
        ("a.bin", b"what?", "application/octet-stream"),
        ("empty.jpg", b"", "application/octet-stream"),
    ],
)
def test_the_content_type_is_that_of_the_content(
    bucket: Bucket, name: str, data: bytes, expected: str
) -> None:
    bucket.storage.write(bucket.uri(name), data)
    assert bucket.client.head_object(Bucket=bucket.name, Key=name)["ContentType"] == expected


def test_everything_that_can_be_said_about_an_object(bucket: Bucket) -> None:
    metadata = {"title": "Zwei Möwen 😀 " * 10, "plain": "a b", "odd": " =?x?= ", "lines": "a\nb"}
    properties = Properties(
        content_type="image/x-special",
        cache_control="max-age=60",
        content_disposition='attachment; filename="a.jpg"',
        metadata=metadata,
        tags={"kind": "photo + more", "größe": "ü"},
        acl="private",
        storage_class="STANDARD_IA",
        encryption="aws:kms",
        kms_key="alias/images",
    )
    for storage, data in ((bucket.storage, b"1"), (in_parts(bucket), LARGE)):
        storage.write(bucket.uri("a.jpg"), data, properties)
        head = bucket.client.head_object(Bucket=bucket.name, Key="a.jpg")
        assert head["ContentType"] == "image/x-special"
        assert head["CacheControl"] == "max-age=60"
        assert head["ContentDisposition"] == 'attachment; filename="a.jpg"'
        assert head["StorageClass"] == "STANDARD_IA"
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "alias/images")
        assert decode_metadata(head["Metadata"]) == metadata
        tags = bucket.client.get_object_tagging(Bucket=bucket.name, Key="a.jpg")["TagSet"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == properties.tags
    assert bucket.gate.requests[0].headers["x-amz-acl"] == "private"


def test_bytes_that_change_on_the_way_are_refused(bucket: Bucket) -> None:
    storage = bucket.again(attempts=1)
    bucket.gate.rules.insert(0, _damaged)
    told = failure(bucket, b"data", Properties(), storage)
    assert (told.code, told.retryable) == ("checksum-mismatch", True)
    assert bucket.keys() == []


def _damaged(request: Request) -> Answer | None:
    return check_sums(request._replace(body=b"dada")) if request.method == "PUT" else None


def test_an_answer_that_gets_lost_does_no_harm(bucket: Bucket) -> None:
    """The object is there, and the second try of the same write finds it."""
    bucket.gate.cut(method="PUT")
    entry = bucket.storage.write(bucket.uri("a.jpg"), b"data", ONCE)
    assert (entry.size, bucket.body("a.jpg"), bucket.keys()) == (4, b"data", ["a.jpg"])
    assert [request.method for request in bucket.gate.requests] == ["PUT", "PUT", "HEAD"]


@pytest.mark.parametrize("kept", ["checksum", "etag", "nothing"])
def test_what_is_there_is_compared_by_what_the_service_tells(bucket: Bucket, kept: str) -> None:
    bucket.put("same.jpg", b"data")
    bucket.put("other.jpg", b"dada")

    def change(request: Request, answer: Answer) -> Answer:
        headers = dict(answer.headers)
        if request.method == "HEAD":
            headers.pop("x-amz-checksum-crc32", None)
        if request.method == "HEAD" and kept == "nothing":
            headers["etag"] = '"0123-2"'
        if request.method == "HEAD" and kept == "checksum":
            content = bucket.body(request.path.split("?")[0].rpartition("/")[2])
            crc = zlib.crc32(content).to_bytes(4, "big")
            headers |= {
                "etag": '"0123-2"',
                "x-amz-checksum-crc32": base64.b64encode(crc).decode(),
                "x-amz-checksum-type": "FULL_OBJECT",
            }
        return answer._replace(headers=headers)

    bucket.gate.changes.append(change)
    bucket.storage.write(bucket.uri("same.jpg"), b"data", ONCE)
    with pytest.raises(StorageError) as caught:
        bucket.storage.write(bucket.uri("other.jpg"), b"data", ONCE)
    assert caught.value.code == "object-differs"
    methods = {request.method for request in bucket.gate.requests}
    assert methods == ({"PUT", "HEAD", "GET"} if kept == "nothing" else {"PUT", "HEAD"})


def test_another_write_at_the_same_time(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PAUSES", (0.001, 0.001))
    bucket.gate.fail(409, "ConditionalRequestConflict", times=2)
    bucket.storage.write(bucket.uri("a.jpg"), b"data", ONCE)
    assert bucket.body("a.jpg") == b"data"
    bucket.gate.fail(409, "ConditionalRequestConflict", times=99)
    told = failure(bucket, b"data", ONCE, bucket.storage)
    assert (told.code, told.retryable) == ("write-conflict", True)


def test_services_without_conditions_and_new_checksums(bucket: Bucket) -> None:
    storage = in_parts(bucket, conditional_writes=False, checksums="md5")
    for key, data in (("a.jpg", b"data"), ("b.jpg", LARGE)):
        storage.write(bucket.uri(key), data, ONCE)
        assert bucket.body(key) == data
        assert storage.read(bucket.uri(key)).read() == data
    sent = {name for request in bucket.gate.requests for name in request.headers}
    assert "content-md5" in sent
    assert not [name for name in sent if "checksum" in name or name == "if-none-match"]


def test_large_objects_go_in_parts(bucket: Bucket) -> None:
    entry = in_parts(bucket).write(bucket.uri("a.jpg"), LARGE, ONCE)
    assert (entry.size, bucket.body("a.jpg")) == (len(LARGE), LARGE)
    parts = [request for request in bucket.gate.requests if request.method == "PUT"]
    assert sorted(len(part.body) for part in parts) == [3 * MEBI + 5, 5 * MEBI, 5 * MEBI]
    assert all(part.headers["x-amz-checksum-crc32"] for part in parts)
    last = bucket.gate.requests[-1]
    assert last.headers["if-none-match"] == "*"
    crc = base64.b64encode(zlib.crc32(LARGE).to_bytes(4, "big")).decode()
    assert last.headers["x-amz-checksum-crc32"] == crc
    assert len(bucket.gate.requests) == 5
    assert bucket.uploads() == []


def test_large_objects_that_are_there(bucket: Bucket) -> None:
    storage = in_parts(bucket)
    storage.write(bucket.uri("a.jpg"), LARGE, ONCE)
    bucket.gate.rules.append(_there)
    storage.write(bucket.uri("a.jpg"), LARGE, ONCE)
    told = failure(bucket, LARGE[::-1], ONCE, storage)
    assert told.code == "object-differs"
    assert bucket.uploads() == []


def _there(request: Request) -> Answer | None:
    """Answer as S3 does, where moto ignores the condition of an upload's end."""
    if request.method == "POST" and request.headers.get("if-none-match"):
        return error(412, "PreconditionFailed")
    return None


@pytest.mark.parametrize("step", ["part", "end", "interrupt"])
def test_an_upload_that_fails_leaves_nothing(
    bucket: Bucket, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = in_parts(bucket, attempts=1)
    if step == "interrupt":

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("imgflow.storage.s3.parts.crc32", lambda data: _crc(data, interrupt))
        with pytest.raises(KeyboardInterrupt):
            storage.write(bucket.uri("a.jpg"), LARGE)
    else:
        bucket.gate.rules.append(lambda request: _failing(request, step))
        told = failure(bucket, LARGE, Properties(), storage)
        assert (told.code, told.retryable) == ("storage-busy", True)
    assert bucket.uploads() == []
    assert bucket.keys() == []
    assert bucket.gate.requests[-1].method == "DELETE"


def _crc(data: Any, interrupt: Any) -> str:
    if len(data) == 3 * MEBI + 5:
        interrupt()
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def _failing(request: Request, step: str) -> Answer | None:
    wanted = "partNumber=2" if step == "part" else "uploadId"
    method = "PUT" if step == "part" else "POST"
    if request.method == method and wanted in request.path:
        return error(500, "InternalError")
    return None


def test_parts_are_as_few_as_they_must_be() -> None:
    assert cut(10, 4) == [(1, 0, 4), (2, 4, 8), (3, 8, 10)]
    assert cut(8, 4) == [(1, 0, 4), (2, 4, 8)]
    pieces = cut(5 << 40, 8 * MEBI)
    assert len(pieces) <= 10_000
    assert pieces[-1][2] == 5 << 40


def test_nothing_of_a_write_is_seen_before_its_end(bucket: Bucket) -> None:
    bucket.put("a.jpg", b"old")
    seen: list[bytes] = []

    def look(_: Request) -> None:
        seen.append(bucket.body("a.jpg"))

    bucket.gate.rules.append(look)
    in_parts(bucket).write(bucket.uri("a.jpg"), LARGE)
    assert seen == [b"old"] * 5


def test_secrets_are_in_no_error_and_no_repr(bucket: Bucket) -> None:
    bucket.gate.fail(403, "SignatureDoesNotMatch", times=9)
    told = failure(bucket, b"1", Properties(), bucket.storage)
    for text in (told.message, repr(told), repr(bucket.storage), str(told.__dict__)):
        assert "imgflow-test-secret" not in text
        assert "imgflow-test-key" not in text
