"""Reading from S3: one request, and a clear word for whatever goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from s3_homes import Bucket
from s3_server import Answer, Request, error

from imgflow.errors import ImgflowError, SourceError, StorageError
from imgflow.storage import S3Storage
from imgflow.storage.s3 import reading
from imgflow.storage.s3.checksums import sha256

DATA = os.urandom(3_000_000)


def failure(bucket: Bucket, storage: S3Storage | None = None, uri: str = "") -> ImgflowError:
    uri = uri or bucket.uri("a.jpg")
    with pytest.raises(ImgflowError) as caught:
        (storage or bucket.storage).read(uri)
    assert uri in caught.value.message
    assert "imgflow-test-secret" not in caught.value.message
    return caught.value


def test_one_request_for_an_object(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)
    assert bucket.storage.read(uri).read() == DATA
    assert bucket.gate.said == [f"GET /{bucket.name}/a.jpg"]


def test_large_objects_are_not_kept_in_memory(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_IN_MEMORY", 2_999_999)
    source = bucket.storage.read(bucket.put("a.jpg", DATA))
    assert source.data is None
    assert source.path is not None
    assert source.read() == DATA
    assert source.size == len(DATA)
    path = source.path
    assert os.path.exists(path)
    del source
    assert not os.path.exists(path)
    assert len(bucket.gate.said) == 1


def test_nothing_is_left_of_a_large_object_when_the_process_is_killed(tmp_path: Path) -> None:
    program = """
import os, sys, tempfile
from imgflow.storage.spool import spool
source = spool("s3://bucket/a", [b"x" * 100_000] * 10)
print(source.size, sorted(os.listdir(tempfile.gettempdir())), flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split()[0] == b"1000000"
        process.send_signal(signal.SIGKILL)
    assert os.listdir(tmp_path) == []


def test_a_download_that_breaks_goes_on_where_it_broke(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA, ChecksumAlgorithm="SHA256", ChecksumSHA256=sha256(DATA))
    bucket.gate.cut(2_000_000)
    assert bucket.storage.read(uri).read() == DATA
    first, second = bucket.gate.requests
    assert "range" not in first.headers
    start = int(second.headers["range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= 2_000_000
    assert second.headers["if-match"]


def test_an_object_that_is_replaced_while_it_is_read(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)
    bucket.gate.cut(2_000_000)

    def replace(request: Request) -> None:
        if "range" in request.headers:
            bucket.put("a.jpg", b"new")

    bucket.gate.rules.append(replace)
    told = failure(bucket, uri=uri)
    assert (told.code, told.retryable) == ("object-changed", True)


def test_what_came_in_pieces_is_compared_with_the_checksum(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)

    def change(request: Request, answer: Answer) -> Answer:
        if "range" in request.headers:
            return answer._replace(body=bytes(len(answer.body)))
        told = {"x-amz-checksum-sha256": sha256(DATA)}
        return answer._replace(headers={**answer.headers, **told})

    bucket.gate.changes.append(change)
    bucket.gate.cut(2_000_000)
    told = failure(bucket, uri=uri)
    assert (told.code, told.retryable) == ("checksum-mismatch", True)


def test_bytes_that_change_on_the_way(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)
    bucket.gate.changes.append(
        lambda _, answer: answer._replace(
            body=bytes(len(DATA)), headers={**answer.headers, "x-amz-checksum-sha256": sha256(DATA)}
        )
    )
    told = failure(bucket, uri=uri)
    assert (told.code, told.retryable) == ("checksum-mismatch", True)


def test_a_body_that_always_breaks(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAUSES", (0.0, 0.0))
    uri = bucket.put("a.jpg", DATA)
    bucket.gate.cut(1000, times=99)
    told = failure(bucket, uri=uri)
    assert (told.code, told.retryable) == ("storage-truncated", True)
    assert len(bucket.gate.said) == 3


def test_a_connection_that_is_reset_is_tried_again(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)
    bucket.gate.cut()
    assert bucket.storage.read(uri).read() == DATA


@pytest.mark.parametrize(
    ("status", "code", "expected", "retryable"),
    [
        (403, "AccessDenied", "access-denied", False),
        (400, "ExpiredToken", "credentials-expired", False),
        (403, "InvalidAccessKeyId", "credentials-invalid", False),
        (403, "SignatureDoesNotMatch", "credentials-invalid", False),
        (403, "RequestTimeTooSkewed", "clock-skewed", False),
        (403, "InvalidObjectState", "object-archived", False),
        (503, "SlowDown", "storage-busy", True),
        (500, "InternalError", "storage-busy", True),
        (502, "BadGateway", "storage-busy", True),
        (400, "RequestTimeout", "storage-timeout", True),
        (400, "KMS.DisabledException", "encryption-failed", False),
        (400, "SomethingNew", "request-refused", False),
        (501, "NotImplemented", "not-supported", False),
    ],
)
def test_refusals(
    bucket: Bucket, status: int, code: str, expected: str, *, retryable: bool
) -> None:
    bucket.gate.fail(status, code, times=99)
    told = failure(bucket, bucket.again(attempts=1))
    assert (told.code, told.retryable) == (expected, retryable)
    assert isinstance(told, StorageError)
    assert f"({code})" in told.message
    assert "Oh." not in told.message


def test_a_service_that_is_busy_is_asked_again(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)
    bucket.gate.fail(503, "SlowDown")
    assert bucket.storage.read(uri).read() == DATA
    assert len(bucket.gate.said) == 2


def test_no_such_bucket(bucket: Bucket) -> None:
    told = failure(bucket, uri="s3://nobody-has-this/a.jpg")
    assert (told.code, told.retryable) == ("bucket-missing", False)
    with pytest.raises(StorageError) as caught:
        bucket.storage.write("s3://nobody-has-this/a.jpg", b"1")
    assert caught.value.code == "bucket-missing"
    with pytest.raises(StorageError) as caught:
        list(bucket.storage.list("s3://nobody-has-this/a"))
    assert caught.value.code == "bucket-missing"


@pytest.mark.parametrize(
    "uri",
    ["s3://", "s3://b", "s3://bucket", "s3://bucket/", "s3://buc ket/a", "s3:/bucket/a", "bucket/a",
     "s3+other://bucket/a", "https://bucket/a", "s3://bucket/" + "x" * 1025, "s3://bucket/\ud800",
     "s3://bucket/a\0b", "s3://-bucket/a", "s3://bucket?versionId=1/a"],
)  # fmt: skip
def test_uris_that_are_none(uri: str) -> None:
    for look in (S3Storage().read, S3Storage().locate, S3Storage().stat, S3Storage().delete):
        with pytest.raises(StorageError) as caught:
            look(uri)
        assert (caught.value.code, caught.value.retryable) == ("bad-uri", False)


def test_no_credentials(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    told = failure(bucket, S3Storage(endpoint_url=bucket.gate.url, region="us-east-1"))
    assert (told.code, told.retryable) == ("credentials-missing", False)
    assert "AWS_ACCESS_KEY_ID" in told.message


def test_nobody_there(bucket: Bucket) -> None:
    storage = bucket.again(endpoint_url="http://127.0.0.1:9", attempts=1)
    told = failure(bucket, storage)
    assert (told.code, told.retryable) == ("storage-unreachable", True)


def test_silence(bucket: Bucket) -> None:
    done = threading.Event()
    bucket.gate.rules.append(lambda _: (done.wait(60) and error(500, "InternalError")) or None)
    told = failure(bucket, bucket.again(attempts=1, read_seconds=0.2))
    assert (told.code, told.retryable) == ("storage-timeout", True)
    done.set()


def test_too_large(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", DATA)
    storage = S3Storage(endpoint_url=bucket.gate.url, region="us-east-1", largest=2_000_000)
    told = failure(bucket, storage, uri)
    assert (told.code, told.retryable) == ("source-too-large", False)
    assert storage.read(bucket.put("b.jpg", DATA[:100])).size == 100


def test_stat_says_why(bucket: Bucket) -> None:
    """A HEAD has no body that could tell."""

    def rule(request: Request) -> Answer | None:
        if request.method == "HEAD":
            return Answer(400, {}, b"")
        return error(400, "ExpiredToken")

    bucket.gate.rules.append(rule)
    with pytest.raises(StorageError) as caught:
        bucket.storage.stat(bucket.uri("a.jpg"))
    assert caught.value.code == "credentials-expired"


def test_versions(bucket: Bucket) -> None:
    bucket.client.put_bucket_versioning(
        Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"}
    )
    first = bucket.storage.write(bucket.uri("a?b.jpg"), b"first")
    second = bucket.storage.write(bucket.uri("a?b.jpg"), b"second")
    assert first.version != second.version
    old = f"{bucket.uri('a?b.jpg')}?versionId={first.version}"
    assert bucket.storage.read(old).read() == b"first"
    assert bucket.storage.locate(old).read() == b"first"
    assert bucket.storage.read(bucket.uri("a?b.jpg")).read() == b"second"
    entry = bucket.storage.stat(old)
    assert entry is not None
    assert (entry.uri, entry.size, entry.version) == (old, 5, first.version)
    bucket.storage.copy(old, bucket.uri("b.jpg"))
    assert bucket.body("b.jpg") == b"first"
    bucket.storage.delete(old)
    with pytest.raises(SourceError) as caught:
        bucket.storage.read(old)
    assert caught.value.code == "source-missing"
