"""Stores with names, as a YAML file declares them: ``s3+media://bucket/key``."""

from __future__ import annotations

import re

import msgspec

from imgflow.errors import UsageError
from imgflow.storage.s3.store import Store

#: The store of plain ``s3://``, and how others may be called.
DEFAULT = "default"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def load_stores(path: str) -> dict[str, Store]:
    """Read a file of stores by name; ``default`` is that of plain ``s3://``.

    .. code-block:: yaml

        media: {endpoint_url: "https://minio.example:9000", profile: media}
        archive: {region: eu-north-1, access_key_env: ARCHIVE_KEY, secret_key_env: ARCHIVE_SECRET}

    There is no place for secrets in it: credentials are named, by a profile or by variables
    of the environment. Raises UsageError with the code ``bad-setting``.
    """
    try:
        with open(path, "rb") as file:
            return parse_stores(file.read(), path)
    except OSError as error:
        message = f"IMGFLOW_STORES: {path}: expected a file of stores, found: {error.strerror}"
        raise UsageError(message, code="bad-setting") from error


def parse_stores(text: bytes, name: str) -> dict[str, Store]:
    """Read the text of such a file, which messages call ``name``."""
    import yaml

    try:
        stores = msgspec.convert(yaml.safe_load(text) or {}, dict[str, Store])
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        message = f"{name}: expected stores by name, found a mistake: {_told(error)}"
        raise UsageError(message, code="bad-setting") from error
    for key, store in stores.items():
        if not _NAME.fullmatch(key):
            message = f"{name}: expected names of a-z, 0-9 and -, found {key!r}"
            raise UsageError(message, code="bad-setting")
        if bool(store.access_key_env) != bool(store.secret_key_env):
            message = f"{name}: {key}: expected access_key_env and secret_key_env, found only one"
            raise UsageError(message, code="bad-setting")
    return stores


def _told(error: Exception) -> str:
    """Say what is wrong without the text of the file, which may hold what it should not."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else str(error)
