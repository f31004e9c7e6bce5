"""Objects listed, page by page: the keys of a bucket are never all in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.storage.s3.failures import explained
from imgflow.storage.storage import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.clients import Clients


def list_objects(clients: Clients, folder: Address, prefix: str) -> Iterator[Entry]:
    """Yield the objects below a folder whose keys go on with ``prefix``, in the order of keys.

    What some programs put there to stand for a folder, empty and with a slash at its end, is
    left out.
    """
    home = folder.key if folder.key.endswith("/") or not folder.key else f"{folder.key}/"
    with explained(folder):
        client = clients.near(folder.bucket)
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=folder.bucket, Prefix=home + prefix):
            for item in page.get("Contents", ()):
                if item["Size"] or not item["Key"].endswith("/"):
                    address = folder._replace(key=item["Key"], version="")
                    etag = item.get("ETag", "").strip('"')
                    yield Entry(str(address), item["Size"], etag, item.get("LastModified"))
