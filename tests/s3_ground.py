"""A bucket on a real server, and the settings by which a process reaches it."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from s3_homes import client_of
from s3_server import KEY, SECRET

_numbers = itertools.count()


class Ground(NamedTuple):
    """A new bucket: its URI ends with a slash."""

    bucket: str
    url: str
    client: Any
    settings: dict[str, str]

    def uri(self, key: str, scheme: str = "s3") -> str:
        return f"{scheme}://{self.bucket}/{key}"

    def put(self, key: str, data: bytes, **fields: Any) -> str:
        """Put an object without imgflow."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=data, **fields)
        return self.uri(key)

    def body(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def head(self, key: str) -> dict[str, Any]:
        told: dict[str, Any] = self.client.head_object(Bucket=self.bucket, Key=key)
        return told

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def uploads(self) -> list[Any]:
        """What is left of uploads in parts."""
        return list(self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", ()))


def break_ground(url: str, folder: Path, **store: Any) -> Ground:
    """Make a bucket, and a file of stores: ``s3://`` and ``s3+media://`` are on that server."""
    client = client_of(url)
    bucket = f"ground-{next(_numbers)}-{os.getpid()}"
    client.create_bucket(Bucket=bucket)
    declared = {"endpoint_url": url, "region": "us-east-1", "attempts": 3, **store}
    path = folder / "stores.yaml"
    path.write_text(json.dumps({"default": declared, "media": declared}))
    return Ground(bucket, url, client, settings_of(path))


def settings_of(stores: Path) -> dict[str, str]:
    """Return the environment of a process that uses such a file, and nothing of this machine."""
    return {
        "IMGFLOW_STORES": str(stores),
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
