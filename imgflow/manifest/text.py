"""A manifest as the text of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import UsageError
from imgflow.manifest.manifest import Manifest

if TYPE_CHECKING:
    import os


def manifest_text(manifest: Manifest) -> bytes:
    """Return a manifest as JSON, the same for the same sources and outputs."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """Return the manifest in a file; raises UsageError if there is none."""
    try:
        with open(path, "rb") as file:
            return msgspec.json.decode(file.read(), type=Manifest)
    except OSError as error:
        message = f"{path}: expected a manifest, but it cannot be read: {error.strerror}"
        raise UsageError(message, code="no-manifest") from error
    except msgspec.DecodeError as error:
        message = f"{path}: expected a manifest of imgflow, found something else: {error}"
        raise UsageError(message, code="bad-manifest") from error
