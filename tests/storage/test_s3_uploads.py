"""S3 from Python: downloads, uploads at paths by a template, presigned URLs."""

from __future__ import annotations

import hashlib
import itertools
import re
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from s3_homes import Bucket, session, store

from imgflow import ImageProcessor
from imgflow.errors import ImgflowError, StorageError, UsageError
from imgflow.storage import IMMUTABLE, Properties, S3Storage
from imgflow.storage.s3.address import parse_address
from imgflow.storage.s3.uploads import fill, parse_path_template, upload_fields

JPEG = samples.encoded(samples.cat(), "JPEG")


def uploading(bucket: Bucket, template: str) -> S3Storage:
    return S3Storage(
        bucket.name, "us-east-1", template, store=store(bucket.gate.url), session=session()
    )


def test_the_example(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, but for the name of the bucket; the service is where boto3 is told."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.gate.url)
    bucket.put("uploads/photo.jpg", JPEG)

    storage = S3Storage(
        bucket=bucket.name, region="us-east-1", path_template="processed/{date}/{hash}.{ext}"
    )
    image_data = storage.download(f"s3://{bucket.name}/uploads/photo.jpg")
    processed_image = ImageProcessor().process(image_data, [{"op": "resize", "width": 100}])
    output_path = storage.upload(
        processed_image,
        original_name="photo.jpg",
        format="webp",
        metadata={"original_size": "1.2MB", "processed_at": "2024-01-15T10:00:00Z"},
    )
    url = storage.presigned_url(output_path, expires_in=3600)

    assert image_data == JPEG
    key = output_path.removeprefix(f"s3://{bucket.name}/")
    written = bucket.body(key)
    assert key == f"processed/{datetime.now(UTC):%Y-%m-%d}/{sha(written)[:16]}.webp"
    assert samples.decoded(written).shape == (67, 100, 3)
    head = bucket.client.head_object(Bucket=bucket.name, Key=key)
    assert head["ContentType"] == "image/webp"
    assert head["CacheControl"] == IMMUTABLE
    assert head["Metadata"] == {"original_size": "1.2MB", "processed_at": "2024-01-15T10:00:00Z"}
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
        assert answer.read() == written
    storage.close()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_fields_of_a_path(bucket: Bucket) -> None:
    template = "a/{dir}/{original_name}-{width}x{height}.{hash:8}.{format}.{ext}"
    image = ImageProcessor().process(JPEG, [])
    uri = uploading(bucket, template).upload(image, original_name="trip/My Photo.1.JPG")
    key = uri.removeprefix(f"s3://{bucket.name}/")
    written = bucket.body(key)
    assert key == f"a/trip/My Photo.1-451x300.{sha(written)[:8]}.jpeg.jpg"


def test_bytes_have_to_be_what_they_are_said_to_be(bucket: Bucket) -> None:
    storage = uploading(bucket, "{hash}.{ext}")
    assert storage.upload(JPEG, format="jpg").endswith(f"{sha(JPEG)[:16]}.jpg")
    assert storage.upload(memoryview(JPEG)).endswith(".jpg")
    with pytest.raises(UsageError, match="expected bytes of a webp image, found jpeg") as caught:
        storage.upload(JPEG, format="webp")
    assert caught.value.code == "format-mismatch"
    for wrong in (b"no image", b"", "a.jpg", None, 5):
        with pytest.raises(UsageError):
            storage.upload(wrong)
    with pytest.raises(UsageError, match="unknown format 'jpog'"):
        storage.upload(JPEG, format="jpog")
    assert len(bucket.keys()) == 1


def test_a_chain_that_converts_keeps_its_format(bucket: Bucket) -> None:
    storage = uploading(bucket, "{hash}.{ext}")
    image = ImageProcessor().process(JPEG, [{"op": "convert", "format": "png"}])
    assert storage.upload(image).endswith(".png")
    with pytest.raises(ImgflowError):
        storage.upload(image, format="webp")


def test_nothing_is_replaced(bucket: Bucket) -> None:
    storage = uploading(bucket, "{original_name}.{ext}")
    uri = storage.upload(JPEG, original_name="a.jpg")
    assert storage.upload(JPEG, original_name="a.jpg") == uri
    with pytest.raises(StorageError) as caught:
        storage.upload(JPEG + b"more", original_name="a.jpg")
    assert caught.value.code == "object-differs"
    assert "CacheControl" not in bucket.client.head_object(Bucket=bucket.name, Key="a.jpg")
    methods = " ".join(request.method for request in bucket.gate.requests)
    assert methods == "PUT PUT HEAD PUT HEAD"


def test_more_can_be_said(bucket: Bucket) -> None:
    storage = uploading(bucket, "{hash}.{ext}")
    said = Properties(cache_control="no-store", metadata={"a": "1", "b": "1"}, tags={"t": "u"})
    uri = storage.upload(JPEG, metadata={"b": "2"}, properties=said)
    head = bucket.client.head_object(Bucket=bucket.name, Key=uri.rpartition("/")[2])
    assert (head["CacheControl"], head["Metadata"]) == ("no-store", {"a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{hsh}.jpg", "did you mean 'hash'"),
        ("{index}.jpg", "found 'index'"),
        ("{recipe}.jpg", "found 'recipe'"),
        ("/a/{hash}.jpg", "a key such as"),
        ("a/{hash}/", "a key such as"),
        (" ", "a key such as"),
        ("{hash", "without its other half"),
    ],
)
def test_templates_that_are_wrong(template: str, words: str) -> None:
    with pytest.raises(ImgflowError, match=words) as caught:
        S3Storage("bucket", path_template=template)
    assert caught.value.code == "bad-template"


def test_what_an_upload_has_to_be_told(bucket: Bucket) -> None:
    with pytest.raises(UsageError, match="a bucket and a path_template"):
        bucket.storage.upload(JPEG)
    for template in ("{original_name}.{ext}", "{width}.{ext}"):
        with pytest.raises(UsageError, match="expected a value for"):
            uploading(bucket, template).upload(JPEG)
    with pytest.raises(StorageError, match="bucket"):
        S3Storage("not a bucket", "us-east-1", "{hash}")


def test_paths_may_be_keys_of_the_bucket(bucket: Bucket) -> None:
    storage = uploading(bucket, "{hash}")
    bucket.put("a b.jpg", JPEG)
    assert storage.download("a b.jpg") == JPEG
    assert storage.presigned_url("a b.jpg") == storage.presigned_url(bucket.uri("a b.jpg"))


TEMPLATES = [
    "processed/{date}/{hash}.{ext}",
    "up/{original_name}.{ext}",
    "up/{dir}/{stem}/{hash:8}.{ext}",
    "up/{filename}",
    "{dir}/{filename}",
    "{original_name}/x/{dir}/y.{format}",
    "{{up}}/{original_name}/{original_name}-{hash:4}",
    "up-{stem}/{dir}/../{hash}",
]
PIECES = st.one_of(
    st.sampled_from(["..", ".", "/", "\\", "//", "../..", "%2e%2e", "%2f", "\0", "\n", "s3://x/",
                     "?versionId=1", "{hash}", "{", "}", ":", "~", "a", "é", "", " ", "/etc",
                     "C:\\"]),
    st.text(max_size=8),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(st.lists(PIECES, min_size=7, max_size=7, unique=True), st.binary(max_size=4))
def test_no_name_leaves_the_bucket_or_the_folder(pieces: list[str], data: bytes) -> None:
    """250 x 50 names x 8 templates: 100 000 cases."""
    pairs = list(itertools.product(pieces, repeat=2))
    for name in [*("".join(pair) for pair in pairs), "/".join(pieces)]:
        fields = upload_fields(data, name, "jpeg", "jpg")
        for text in TEMPLATES:
            check(text, fields)


def check(text: str, fields: dict[str, str]) -> None:
    template = parse_path_template(text)
    try:
        key = fill(template, fields)
        uri = f"s3://my-bucket/{key}"
        address = parse_address(uri if "?versionId=" not in key else f"{uri}?versionId=", "s3")
    except ImgflowError:
        return
    assert (address.bucket, address.key, address.version) == ("my-bucket", key, "")
    assert not re.search(r"(^|/)\.\.?(/|$)", key)
    assert not key.startswith("/")
    assert not re.search(r"[\x00-\x1f]", key)
    assert key.startswith(template.root)


def test_ordinary_names_are_taken() -> None:
    def key(text: str, name: str) -> str:
        return fill(parse_path_template(text), upload_fields(b"1", name, "webp", "webp"))

    assert key("up/{original_name}.{ext}", "a b.jpg") == "up/a b.webp"
    assert key("up/{dir}/{stem}.{ext}", "a.jpg") == "up/a.webp"
    assert key("up/{dir}/{filename}", "x\\y\\a.jpg") == "up/x/y/a.jpg"
    assert key("{{up}}/{hash:6}", "") == f"{{up}}/{sha(b'1')[:6]}"


def test_any_other_object_with_data_is_taken(bucket: Bucket) -> None:
    class Made:
        data: Any = JPEG
        width = 451

    uri = uploading(bucket, "{width}/{hash:4}.{ext}").upload(Made())
    assert uri == bucket.uri(f"451/{sha(JPEG)[:4]}.jpg")
