"""The storages of commands that people run for themselves: files, S3, the web."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from imgflow.storage import RoutedStorage


def open_places(largest: int = DEFAULT_LIMITS.source_bytes) -> RoutedStorage:
    """Return all storages as the environment sets them up; the caller closes them.

    On the web that is every public host, and whatever ``IMGFLOW_ALLOW`` names besides. Files
    of more than ``largest`` bytes are not read. Raises UsageError if a setting is wrong.
    """
    import msgspec

    from imgflow.storage.opening import open_usual

    limits = msgspec.structs.replace(DEFAULT_LIMITS, source_bytes=largest)
    return open_usual(os.environ, limits)
