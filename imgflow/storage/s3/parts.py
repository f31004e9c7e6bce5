"""Large objects in parts: several at a time, made one at the end, or taken away altogether."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.storage.s3.checksums import crc32, md5

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.clients import Clients
    from imgflow.storage.storage import Data

#: S3 takes no more parts, and none larger.
_MOST_PARTS = 10_000
#: Parts of one object under way at a time.
_ABREAST = 4


class Upload(NamedTuple):
    """An upload in parts, begun and not ended."""

    client: Any
    target: Mapping[str, str]

    def end(self, parts: list[dict[str, Any]], **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make one object of all parts."""
        answer: dict[str, Any] = self.client.complete_multipart_upload(
            **self.target, MultipartUpload={"Parts": parts}, **parameters
        )
        return answer


@contextlib.contextmanager
def begin(client: Any, address: Address, fields: Mapping[str, Any]) -> Iterator[Upload]:  # noqa: ANN401
    """Begin an upload; whatever goes wrong with it, nothing is left of its parts."""
    target = {"Bucket": address.bucket, "Key": address.key}
    begun = client.create_multipart_upload(**target, **fields)
    upload = Upload(client, {**target, "UploadId": begun["UploadId"]})
    try:
        yield upload
    except BaseException:
        with contextlib.suppress(Exception):
            client.abort_multipart_upload(**upload.target)
        raise


def write_parts(
    clients: Clients,
    address: Address,
    data: Data,
    fields: Mapping[str, Any],
    condition: Mapping[str, str],
) -> dict[str, Any]:
    """Write data in parts, each with a checksum, and one over all of them at the end."""
    client, plain = clients.near(address.bucket), clients.store.checksums == "md5"
    opening: dict[str, str] = {}
    closing: dict[str, str] = dict(condition)
    if not plain:
        opening = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
        closing |= {"ChecksumCRC32": crc32(data), "ChecksumType": "FULL_OBJECT"}
    with begin(client, address, {**fields, **opening}) as upload, memoryview(data) as view:

        def write(number: int, start: int, stop: int) -> dict[str, Any]:
            body = bytes(view[start:stop])
            check = {"ContentMD5": md5(body)} if plain else {"ChecksumCRC32": crc32(body)}
            answer = client.upload_part(**upload.target, PartNumber=number, Body=body, **check)
            sums = {} if plain else check
            return {"PartNumber": number, "ETag": answer["ETag"], **sums}

        pieces = cut(len(data), clients.store.part_bytes)
        return upload.end(in_parallel(write, pieces), **closing)


def cut(size: int, span: int) -> list[tuple[int, int, int]]:
    """Return number, start and stop of parts of ``span`` bytes, or more if they were too many."""
    span = max(span, -(-size // _MOST_PARTS))
    starts = range(0, size, span)
    return [(number, at, min(at + span, size)) for number, at in enumerate(starts, 1)]


def in_parallel(
    work: Callable[[int, int, int], dict[str, Any]], pieces: list[tuple[int, int, int]]
) -> list[dict[str, Any]]:
    """Do the work for all parts, a few at a time; nothing is under way when it is over."""
    with ThreadPoolExecutor(_ABREAST, "imgflow-parts") as threads:
        futures = [threads.submit(work, *piece) for piece in pieces]
        try:
            return [future.result() for future in futures]
        except BaseException:
            threads.shutdown(wait=True, cancel_futures=True)
            raise
