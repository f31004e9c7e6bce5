"""Objects written: whole or not at all, checked by the service, large ones in parts."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from imgflow.storage.media_types import media_type
from imgflow.storage.properties import Properties, encode_metadata
from imgflow.storage.s3.checksums import is_same, md5, sha256
from imgflow.storage.s3.failures import error_code, explained
from imgflow.storage.s3.parts import write_parts
from imgflow.storage.s3.reading import Download
from imgflow.storage.storage import Entry
from imgflow.storage.wording import different

if TYPE_CHECKING:
    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.clients import Clients
    from imgflow.storage.storage import Data

#: Answers to a write on condition: there is an object; there is another write.
_THERE, _CONFLICTS = ("PreconditionFailed", "412"), ("ConditionalRequestConflict", "409")
#: Seconds before a write that met another one is tried again, each less a random part.
_PAUSES = (0.2, 0.5, 1.0, 2.0)


def write_object(clients: Clients, address: Address, data: Data, properties: Properties) -> Entry:
    """Write an object by one request, or in parts if it is large.

    With ``if_absent`` an object that is there is compared by its checksum: the same is a
    success, and an earlier try of this very write.
    """
    address = address._replace(version="")
    conditional = properties.if_absent and clients.store.conditional_writes
    with explained(address):
        for pause in (*_PAUSES, None):
            try:
                answer = _put(clients, address, data, properties, conditional=conditional)
                return Entry(str(address), len(data), **entry_fields(answer))
            except Exception as error:
                code = error_code(error)
                if conditional and code in _THERE:
                    return _compared(clients, address, data)
                if code not in _CONFLICTS or pause is None:
                    raise
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - no secret
    raise AssertionError


def entry_fields(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer tells of an object, as fields of an Entry."""
    version = answer.get("VersionId", "")
    return {
        "etag": answer.get("ETag", "").strip('"'),
        "modified": answer.get("LastModified"),
        "version": "" if version == "null" else version,
    }


def _put(
    clients: Clients, address: Address, data: Data, properties: Properties, *, conditional: bool
) -> dict[str, Any]:
    fields = request_fields(address, data, properties)
    condition = {"IfNoneMatch": "*"} if conditional else {}
    if len(data) > clients.store.multipart_bytes:
        return write_parts(clients, address, data, fields, condition)
    body = data if isinstance(data, bytes) else bytes(data)
    if clients.store.checksums == "md5":
        checked = {"ContentMD5": md5(body)}
    else:
        checked = {"ChecksumSHA256": sha256(body), "ChecksumAlgorithm": "SHA256"}
    client = clients.near(address.bucket)
    answer: dict[str, Any] = client.put_object(
        **address.target, **fields, **condition, **checked, Body=body
    )
    return answer


def request_fields(address: Address, data: Data, properties: Properties) -> dict[str, Any]:
    """Return what is said about an object as parameters of a request."""
    fields = {
        "ContentType": properties.content_type or media_type(address.key, data),
        "CacheControl": properties.cache_control,
        "ContentDisposition": properties.content_disposition,
        "Metadata": encode_metadata(properties.metadata),
        "Tagging": urlencode(properties.tags),
        "ACL": properties.acl,
        "StorageClass": properties.storage_class,
        "ServerSideEncryption": properties.encryption,
        "SSEKMSKeyId": properties.kms_key,
    }
    return {name: value for name, value in fields.items() if value}


def _compared(clients: Clients, address: Address, data: Data) -> Entry:
    """Return the object that is there, if it is ``data``; raises StorageError if it is not."""
    client = clients.near(address.bucket)
    mode = {} if clients.store.checksums == "md5" else {"ChecksumMode": "ENABLED"}
    head = client.head_object(**address.target, **mode)
    same = is_same(data, head)
    if same is None:
        same = _reads_as(data, Download(clients, address))
    if not same:
        raise different(str(address), len(data), head["ContentLength"])
    return Entry(str(address), len(data), **entry_fields(head), kept=True)


def _reads_as(data: Data, download: Download) -> bool:
    at = 0
    for chunk in download:
        if data[at : at + len(chunk)] != chunk:
            download.stop()
            return False
        at += len(chunk)
    return at == len(data)
