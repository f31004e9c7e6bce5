"""Errors that several storages share."""

from __future__ import annotations

from imgflow.errors import StorageError


def missing(uri: str) -> str:
    """Return the message for a file that is not there."""
    return f"{uri}: expected an image file, found nothing there"


def different(uri: str, size: int, found: int) -> StorageError:
    """Return the error for a file that is not replaced, and is not the same."""
    message = (
        f"{uri}: expected nothing there, or the same {size} bytes; found other content "
        f"({found} bytes), which is kept; remove it if it may go"
    )
    return StorageError(message, code="object-differs", retryable=False)


def unsupported(uri: str, what: str) -> StorageError:
    """Return the error for what a storage cannot do."""
    message = f"{uri}: expected a place that has {what}, found one that has none"
    return StorageError(message, code="not-supported", retryable=False)
