"""Files of a manifest: written where they differ from what is there, so that nothing stirs."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import SourceError
from imgflow.manifest.building import build_manifest
from imgflow.manifest.manifest import Manifest
from imgflow.manifest.text import manifest_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Job, Result
    from imgflow.storage import Storage


def manifest_of(
    path: str, done: Iterable[tuple[Job, Result]], storage: Storage, *, whole: bool = True
) -> bytes:
    """Return the manifest of jobs that asked for ``facts``; its paths are relative to its folder.

    If the jobs are not the ``whole``, what the file that is there tells of other sources stays.
    """
    found = build_manifest(done, posixpath.dirname(path))
    if not whole and (before := _read(path, storage)):
        sources = {**before.sources, **found.sources}
        found = msgspec.structs.replace(found, sources=dict(sorted(sources.items())))
    return manifest_text(found)


def is_same(path: str, data: bytes, storage: Storage) -> bool:
    """Tell whether a file holds these very bytes."""
    entry = storage.stat(path)
    return entry is not None and entry.size == len(data) and storage.read(path).read() == data


def write_if_new(path: str, data: bytes, storage: Storage) -> bool:
    """Write a file unless it holds these very bytes already; tells whether it did not."""
    if is_same(path, data, storage):
        return False
    storage.write(path, data)
    return True


def _read(path: str, storage: Storage) -> Manifest | None:
    try:
        return msgspec.json.decode(storage.read(path).read(), type=Manifest)
    except (SourceError, msgspec.DecodeError):
        return None
