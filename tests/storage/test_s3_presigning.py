"""Presigned URLs, used by a plain client on a server that verifies signatures and expiry."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from s3_homes import Bucket, session, store
from s3_server import KEY, SECRET

from imgflow.errors import StorageError, UsageError
from imgflow.storage import Presigned, S3Storage


def use(
    told: Presigned, data: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Do what is presigned; returns the status and the body."""
    sent = told.headers if headers is None else headers
    request = urllib.request.Request(  # noqa: S310
        told.url, data, headers=dict(sent), method=told.method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


@pytest.mark.parametrize("key", ["a.jpg", "a b.jpg", "ünï/日本.jpg", "a+b&c=d.jpg", "a#b?c.jpg"])
def test_get_and_put(strict_bucket: Bucket, key: str) -> None:
    uri = strict_bucket.uri(key)
    assert use(strict_bucket.storage.presign(uri, method="PUT"), b"data")[0] == 200
    assert use(strict_bucket.storage.presign(uri)) == (200, b"data")
    url = strict_bucket.storage.presigned_url(uri, expires_in=60)
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
        assert answer.read() == b"data"


def test_urls_are_for_one_object_one_method_and_one_time(strict_bucket: Bucket) -> None:
    uri = strict_bucket.put("a.jpg", b"data") and strict_bucket.uri("a.jpg")
    strict_bucket.put("b.jpg", b"secret")
    told = strict_bucket.storage.presign(uri, expires=60)
    assert use(told)[0] == 200
    assert use(told._replace(url=told.url.replace("a.jpg", "b.jpg")))[0] == 403
    assert use(told._replace(method="PUT"), b"new")[0] == 403
    assert use(told._replace(url=told.url.replace("Expires=60", "Expires=600")))[0] == 403
    assert use(told._replace(url=told.url.partition("?")[0]))[0] == 403
    assert strict_bucket.body("a.jpg") == b"data"


def test_urls_expire(strict_bucket: Bucket) -> None:
    told = strict_bucket.storage.presign(strict_bucket.put("a.jpg", b"data"), expires=1)
    assert use(told)[0] == 200
    while datetime.now(UTC) < told.expires:
        time.sleep(0.05)
    time.sleep(1.1)
    status, body = use(told)
    assert status == 403
    assert b"expired" in body


def test_puts_are_bound_to_type_and_length(strict_bucket: Bucket) -> None:
    uri = strict_bucket.uri("a.jpg")
    told = strict_bucket.storage.presign(
        uri, method="PUT", content_type="image/jpeg", content_length=4
    )
    assert told.headers == {"Content-Type": "image/jpeg", "Content-Length": "4"}
    assert use(told, b"12345", {"Content-Type": "image/jpeg"})[0] == 403
    assert use(told, b"1234", {"Content-Type": "text/html"})[0] == 403
    assert strict_bucket.keys() == []
    assert use(told, b"1234")[0] == 200
    assert strict_bucket.body("a.jpg") == b"1234"


@pytest.mark.parametrize("expires", [0, -1, 604_801, 1.5, True, "60"])
def test_times_that_are_refused(bucket: Bucket, expires: Any) -> None:
    for presign in (bucket.storage.presign, bucket.storage.presign_post):
        with pytest.raises(UsageError, match="from 1 to 604800 whole seconds") as caught:
            presign(bucket.uri("a.jpg"), expires=expires)
        assert caught.value.code == "bad-presign"
    assert bucket.gate.said == []


def test_the_longest_time_and_the_usual_one(bucket: Bucket) -> None:
    assert "X-Amz-Expires=604800" in bucket.storage.presigned_url(bucket.uri("a"), 604_800)
    assert "X-Amz-Expires=3600" in bucket.storage.presigned_url(bucket.uri("a"))
    told = bucket.storage.presign(bucket.uri("a"), expires=1000)
    assert 990 < (told.expires - datetime.now(UTC)).total_seconds() <= 1000


def test_conditions_that_make_no_sense(bucket: Bucket) -> None:
    uri = bucket.uri("a.jpg")
    for wrong in ({"method": "DELETE"}, {"content_type": "image/png"}, {"content_length": 1},
                  {"method": "PUT", "content_length": -1}):  # fmt: skip
        with pytest.raises(UsageError):
            bucket.storage.presign(uri, **wrong)
    with pytest.raises(UsageError):
        bucket.storage.presign_post(uri, sizes=(5, 4))
    with pytest.raises(StorageError):
        bucket.storage.presign("s3://bucket/")


def policy_of(told: Presigned) -> dict[str, Any]:
    """Return the policy of a form, whose signature is verified as S3 describes it."""
    policy = told.fields["policy"]
    key = b"AWS4" + SECRET.encode()
    scope = told.fields["x-amz-credential"].split("/")
    assert scope[0] == KEY
    for part in scope[1:]:
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    signature = hmac.digest(key, policy.encode(), hashlib.sha256).hex()
    assert told.fields["x-amz-signature"] == signature
    decoded: dict[str, Any] = json.loads(base64.b64decode(policy))
    return decoded


def test_forms_are_bound_to_key_type_size_and_time(bucket: Bucket) -> None:
    uri = bucket.uri("a b.jpg")
    told = bucket.storage.presign_post(uri, content_type="image/", sizes=(10, 1000), expires=60)
    assert (told.method, told.fields["key"]) == ("POST", "a b.jpg")
    policy = policy_of(told)
    for condition in (
        ["content-length-range", 10, 1000],
        ["starts-with", "$Content-Type", "image/"],
        {"bucket": bucket.name},
        {"key": "a b.jpg"},
    ):
        assert condition in policy["conditions"]
    expiration = datetime.fromisoformat(policy["expiration"])
    assert abs((expiration - told.expires).total_seconds()) <= 2
    exact = bucket.storage.presign_post(uri, content_type="image/webp")
    assert {"Content-Type": "image/webp"} in policy_of(exact)["conditions"]
    assert exact.fields["Content-Type"] == "image/webp"


def test_forms_are_taken(bucket: Bucket) -> None:
    told = bucket.storage.presign_post(bucket.uri("a.jpg"), content_type="image/jpeg")
    lines = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in told.fields.items()
    ]
    file = 'Content-Disposition: form-data; name="file"; filename="x"'
    body = "".join([*lines, f"--xyz\r\n{file}\r\n\r\ndata\r\n--xyz--\r\n"]).encode()
    headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
    assert use(told, body, headers)[0] in {200, 204}
    assert bucket.body("a.jpg") == b"data"


def test_presigning_asks_at_most_once_where_a_bucket_is(bucket: Bucket) -> None:
    for _ in range(3):
        bucket.storage.presigned_url(bucket.uri("a.jpg"))
    assert bucket.gate.said == [f"HEAD /{bucket.name}"]
    said = S3Storage(bucket.name, "us-east-1", store=store(bucket.gate.url), session=session())
    said.presigned_url("a.jpg")
    assert len(bucket.gate.said) == 1


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [
        ("http://minio:9000", "http://minio:9000/photos/a.jpg?"),
        ("", "https://photos.s3.eu-west-1.amazonaws.com/a.jpg?"),
    ],
)
def test_buckets_are_in_the_path_where_the_environment_leads_away_from_aws(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, place: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    if not endpoint:
        monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    url = S3Storage("photos", "eu-west-1").presigned_url("s3://photos/a.jpg")
    assert url.startswith(place)
