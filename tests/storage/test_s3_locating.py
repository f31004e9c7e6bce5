"""Headers of objects: only what is looked at is fetched."""

from __future__ import annotations

import os

import pytest
import samples
from s3_homes import Bucket
from s3_server import Answer, Request

from imgflow.errors import StorageError
from imgflow.image import open_picture
from imgflow.inspection import inspect
from imgflow.limits import DEFAULT_LIMITS

DATA = os.urandom(3_000_000)


def counted(bucket: Bucket) -> list[int]:
    """Return the bytes of the answers to come."""
    counts: list[int] = []

    def count(_: Request, answer: Answer) -> Answer:
        counts.append(len(answer.body))
        return answer

    bucket.gate.changes.append(count)
    return counts


def large_jpeg() -> bytes:
    """Return a JPEG with 100 MB after its end, as far as its header says one photograph."""
    return samples.encoded(samples.cat(), "JPEG") + bytes(100_000_000)


def test_a_header_costs_a_few_kilobytes(bucket: Bucket) -> None:
    uri = bucket.put("a.jpg", large_jpeg())
    info = inspect(bucket.storage.locate(uri))
    assert (info.format, info.width, info.height) == ("jpeg", 451, 300)
    assert info.bytes > 100_000_000
    assert [request.headers["range"] for request in bucket.gate.requests] == ["bytes=0-16383"]


@pytest.mark.parametrize("fmt", ["PNG", "TIFF", "AVIF", "BMP", "WEBP", "GIF"])
def test_headers_of_any_format_are_looked_at_from_afar(bucket: Bucket, fmt: str) -> None:
    image = samples.encoded(samples.portrait(), fmt)
    fetched = counted(bucket)
    info = inspect(bucket.storage.locate(bucket.put("a.img", image)))
    assert (info.format, info.width, info.height) == (fmt.lower(), 512, 512)
    # Of WebP and GIF libvips wants to see everything.
    assert sum(fetched) <= (len(image) if fmt in {"WEBP", "GIF"} else 20_000)
    assert len(fetched) <= 6


def test_tags_at_the_end_of_a_tiff_are_fetched_alone(bucket: Bucket) -> None:
    image = samples.encoded(samples.portrait(), "TIFF", tiffinfo={0x8298: "(c) somebody"})
    fetched = counted(bucket)
    info = inspect(bucket.storage.locate(bucket.put("a.tif", image)))
    assert info.copyright == "(c) somebody"
    assert sum(fetched) < len(image) / 4


def test_pixels_can_be_read_from_afar_too(bucket: Bucket) -> None:
    uri = bucket.put("a.png", samples.encoded(samples.portrait()))
    picture = open_picture(bucket.storage.locate(uri), DEFAULT_LIMITS)
    assert samples.likeness(picture.image.numpy(), samples.portrait()) == 1.0


def test_a_header_that_cannot_be_fetched(bucket: Bucket) -> None:
    uri = bucket.put("a.tif", samples.encoded(samples.portrait(), "WEBP"))
    source = bucket.again(attempts=1).locate(uri)
    bucket.gate.fail(503, "SlowDown", times=99)
    with pytest.raises(StorageError) as caught:
        open_picture(source, DEFAULT_LIMITS)
    assert caught.value.code == "storage-busy"


def test_an_object_that_is_replaced_while_it_is_looked_at(bucket: Bucket) -> None:
    source = bucket.storage.locate(bucket.put("a.bin", DATA))
    bucket.put("a.bin", DATA[::-1])
    with pytest.raises(StorageError) as caught, source.view() as view:
        view[1_000_000:1_000_010]
    assert (caught.value.code, caught.value.retryable) == ("object-changed", True)


def test_streams(bucket: Bucket) -> None:
    with bucket.storage.open(bucket.put("a b.bin", DATA)) as stream:
        assert stream.read(1000) == DATA[:1000]
        stream.seek(2_000_000)
        assert stream.read() == DATA[2_000_000:]
