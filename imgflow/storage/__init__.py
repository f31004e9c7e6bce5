"""Storage: bytes in and out of URIs."""

from imgflow.storage.local import LocalStorage
from imgflow.storage.storage import Entry, Storage

__all__ = ["Entry", "LocalStorage", "Storage"]
