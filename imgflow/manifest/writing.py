"""Files of a manifest: written where they differ from what is there, so that nothing stirs."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from imgflow.manifest.building import build_manifest
from imgflow.manifest.text import manifest_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Job, Result
    from imgflow.storage import Storage


def write_manifest(path: str, done: Iterable[tuple[Job, Result]], storage: Storage) -> bool:
    """Write the manifest of jobs that asked for ``facts``; its paths are relative to its folder.

    Returns False where it was there already, the same to the byte. Raises StorageError.
    """
    manifest = build_manifest(done, posixpath.dirname(path))
    return write_if_new(path, manifest_text(manifest), storage)


def write_if_new(path: str, data: bytes, storage: Storage) -> bool:
    """Write a file unless it holds these very bytes already; tells whether it did not."""
    entry = storage.stat(path)
    if entry is not None and entry.size == len(data) and storage.read(path).read() == data:
        return False
    storage.write(path, data)
    return True
