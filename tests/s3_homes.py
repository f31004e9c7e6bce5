"""Buckets on servers, and what every storage is tested with."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from s3_server import KEY, SECRET, Gate, S3Server

from imgflow.storage import S3Storage, Storage, Store

MEBI = 1 << 20
_numbers = itertools.count()


class Bucket(NamedTuple):
    """A new bucket behind a gate, and a storage that goes through the gate."""

    name: str
    gate: Gate
    storage: S3Storage
    client: Any

    def uri(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    def put(self, key: str, data: bytes, **fields: Any) -> str:
        """Put an object without imgflow, and without being counted."""
        self.client.put_object(Bucket=self.name, Key=key, Body=data, **fields)
        return self.uri(key)

    def keys(self) -> list[str]:
        listed = self.client.list_objects_v2(Bucket=self.name)
        return [item["Key"] for item in listed.get("Contents", ())]

    def body(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return content

    def uploads(self) -> list[Any]:
        """What is left of uploads in parts."""
        return list(self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", ()))

    def again(self, **settings: Any) -> S3Storage:
        """Return another storage for the same bucket."""
        return S3Storage(store=store(self.gate.url, **settings), session=session())


def store(url: str, **settings: Any) -> Store:
    fast = Store(endpoint_url=url, region="us-east-1", attempts=2, read_seconds=10)
    return msgspec.structs.replace(fast, **settings)


@functools.cache
def session() -> Any:
    """Return a session that is shared, as what it loads takes time."""
    import boto3

    return boto3.Session(KEY, SECRET)


def client_of(url: str, region: str = "us-east-1") -> Any:
    """Return a client of boto3 that is not ours."""
    from botocore.config import Config

    config = Config(signature_version="s3v4")
    return session().client("s3", region_name=region, endpoint_url=url, config=config)


def make_bucket(server: S3Server, gate: Gate, **settings: Any) -> Iterator[Bucket]:
    name = f"bucket-{next(_numbers)}-{os.getpid()}"
    client = client_of(server.url)
    client.create_bucket(Bucket=name)
    storage = S3Storage(store=store(gate.url, **settings), session=session())
    yield Bucket(name, gate, storage, client)
    storage.close()
    client.close()


class Home(NamedTuple):
    """A storage to be tested, and a folder in it."""

    storage: Storage
    root: str

    strict: bool = False

    def uri(self, name: str) -> str:
        return f"{self.root}/{name}"

    def may_have(self, name: str) -> bool:
        """Tell whether the server can have it: nanio decodes what is encoded twice."""
        return not (self.strict and "%" in name)
