"""Storage: bytes in and out of URIs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from imgflow.storage.local import LocalStorage
from imgflow.storage.properties import IMMUTABLE, PLAIN, Properties
from imgflow.storage.routed import RoutedStorage, open_storages
from imgflow.storage.storage import EXPIRES, Entry, Presigned, Storage

if TYPE_CHECKING:
    from imgflow.storage.memory import MemoryStorage
    from imgflow.storage.s3 import S3Storage, Store
    from imgflow.storage.stores import load_stores
    from imgflow.storage.web import WebStorage

__all__ = [
    "EXPIRES",
    "IMMUTABLE",
    "PLAIN",
    "Entry",
    "LocalStorage",
    "MemoryStorage",
    "Presigned",
    "Properties",
    "RoutedStorage",
    "S3Storage",
    "Storage",
    "Store",
    "WebStorage",
    "load_stores",
    "open_storages",
]

_HOMES = {
    "MemoryStorage": "imgflow.storage.memory",
    "S3Storage": "imgflow.storage.s3",
    "Store": "imgflow.storage.s3",
    "WebStorage": "imgflow.storage.web",
    "load_stores": "imgflow.storage.stores",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import what is not needed for local files on first use."""
    if name not in _HOMES:
        message = f"module 'imgflow.storage' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOMES[name]), name)
