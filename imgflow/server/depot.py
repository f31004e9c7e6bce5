"""Objects in buckets as the server itself reaches them: to sign URLs, and to show a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from imgflow.errors import StorageError, UsageError
from imgflow.guard.buckets import is_object
from imgflow.storage import RoutedStorage, open_storages
from imgflow.storage.s3.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.guard import Allowed
    from imgflow.storage import S3Storage

#: Largest object that passes through the server: others are fetched from where they are.
LARGEST = 8 << 20
#: Seconds, and tries, that a request may cost a thread of the server.
_PATIENCE = {"attempts": 2, "connect_seconds": 3.0, "read_seconds": 6.0}


class Depot(NamedTuple):
    """Buckets, and the folder in one of them that uploads go to; '' for none."""

    storage: RoutedStorage
    uploads: str = ""

    def bucket(self, uri: str) -> tuple[S3Storage, str]:
        """Return the storage of an object; raises StorageError for what is none."""
        from imgflow.storage import S3Storage

        found, place = self.storage.find(uri)
        if not isinstance(found, S3Storage):
            message = f"{uri}: expected an object in a bucket, found another place"
            raise StorageError(message, code="not-supported", retryable=False)
        return found, place


def open_depot(stores: Mapping[str, Store], uploads: str, allowed: Allowed) -> Depot:
    """Return the depot for some stores; ``uploads`` must be a folder that is allowed.

    Raises UsageError if it is none.
    """
    known = {"default": Store(), **stores}
    hasty = {name: msgspec.structs.replace(one, **_PATIENCE) for name, one in known.items()}
    storage = open_storages(hasty, allowed=allowed, largest=LARGEST)
    if not uploads:
        return Depot(storage)
    folder = uploads.rstrip("/")
    try:
        if not is_object(folder):
            message = f"{uploads}: expected a folder in a bucket, s3://bucket/uploads/ say"
            raise StorageError(f"{message}, found another place")  # noqa: TRY301
        allowed.check(f"{folder}/any")
    except StorageError as error:
        raise UsageError(f"--uploads: {error.message}", code="bad-setting") from error
    return Depot(storage, folder)
