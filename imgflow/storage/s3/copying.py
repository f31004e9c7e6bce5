"""Objects copied inside the service, between regions too: their bytes do not pass here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.storage.s3.failures import explained
from imgflow.storage.s3.parts import begin, cut, in_parallel
from imgflow.storage.s3.writing import entry_fields
from imgflow.storage.storage import Entry

if TYPE_CHECKING:
    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.clients import Clients

#: What a copy in parts does not take over by itself.
_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)
#: Parts of a copy may be larger, as nobody waits for their bytes.
_PARTS = 32


def copy_object(clients: Clients, source: Address, target: Address) -> Entry:
    """Copy an object: the region of the target fetches it from that of the source."""
    target = target._replace(version="")
    with explained(source):
        head = clients.near(source.bucket).head_object(**source.target)
    with explained(target):
        if head["ContentLength"] > clients.store.copy_bytes:
            answer = _copy_parts(clients, source, target, head)
        else:
            client = clients.near(target.bucket)
            told = client.copy_object(
                **target.target, CopySource=source.target, CopySourceIfMatch=head["ETag"]
            )
            answer = {**told, **told["CopyObjectResult"]}
    return Entry(str(target), head["ContentLength"], **entry_fields(answer))


def _copy_parts(
    clients: Clients, source: Address, target: Address, head: dict[str, Any]
) -> dict[str, Any]:
    client = clients.near(target.bucket)
    fields = {name: head[name] for name in _KEPT if head.get(name)}
    if head["ResponseMetadata"]["HTTPHeaders"].get("x-amz-tagging-count"):
        tags = clients.near(source.bucket).get_object_tagging(**source.target)["TagSet"]
        fields["Tagging"] = _tagging(tags)
    with begin(client, target, fields) as upload:

        def copy(number: int, start: int, stop: int) -> dict[str, Any]:
            answer = client.upload_part_copy(
                **upload.target,
                PartNumber=number,
                CopySource=source.target,
                CopySourceRange=f"bytes={start}-{stop - 1}",
                CopySourceIfMatch=head["ETag"],
            )
            return {"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]}

        pieces = cut(head["ContentLength"], _PARTS * clients.store.part_bytes)
        return upload.end(in_parallel(copy, pieces))


def _tagging(tags: list[dict[str, str]]) -> str:
    from urllib.parse import urlencode

    return urlencode({tag["Key"]: tag["Value"] for tag in tags})
