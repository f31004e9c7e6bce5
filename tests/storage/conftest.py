"""Servers for the tests of storages, and each storage in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from s3_homes import Bucket, Home, make_bucket
from s3_server import KEY, SECRET, Gate, S3Server

from imgflow.storage import LocalStorage, MemoryStorage


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as the environment has them, and nothing of the machine's own."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server("moto", tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def nanio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server("nanio", tmp_path_factory.mktemp("nanio")) as server:
        yield server


@pytest.fixture
def bucket(moto: S3Server) -> Iterator[Bucket]:
    """A new bucket on moto."""
    with Gate(moto.port) as gate:
        yield from make_bucket(moto, gate)


@pytest.fixture
def strict_bucket(nanio: S3Server) -> Iterator[Bucket]:
    """A new bucket on nanio, which verifies signatures."""
    with Gate(nanio.port) as gate:
        yield from make_bucket(nanio, gate, conditional_writes=False)


@pytest.fixture(params=["local", "memory", "s3", "strict s3"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Each storage that can be written to, in turn."""
    kind = request.param
    if kind == "local":
        return Home(LocalStorage(), str(tmp_path))
    if kind == "memory":
        return Home(MemoryStorage(), "memory://test")
    if kind == "strict s3":
        strict: Bucket = request.getfixturevalue("strict_bucket")
        return Home(strict.storage, strict.uri("root"), strict=True)
    plain: Bucket = request.getfixturevalue("bucket")
    return Home(plain.storage, plain.uri("root"))
