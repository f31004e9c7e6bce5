"""All storages as one: each URI goes where it belongs, and nothing is loaded for nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from s3_homes import MEBI, Bucket, store

from imgflow.errors import SourceError, StorageError, UsageError
from imgflow.storage import MemoryStorage, RoutedStorage, S3Storage, open_storages
from imgflow.storage.stores import load_stores, parse_stores


def names(entries: object) -> list[str]:
    return [entry.uri for entry in entries]  # type: ignore[attr-defined]


def test_paths_and_file_uris_are_local(tmp_path: Path) -> None:
    storage = RoutedStorage({})
    for uri in (f"{tmp_path}/a b.bin", f"file://{tmp_path}/c%20d.bin", f"FILE://{tmp_path}/e.bin"):
        storage.write(uri, b"1")
        assert storage.read(uri).read() == b"1"
        assert storage.stat(uri) is not None
    assert names(storage.list(f"file://{tmp_path}")) == [
        f"{tmp_path}/{name}" for name in ("a b.bin", "c d.bin", "e.bin")
    ]
    storage.delete(f"file://{tmp_path}/c%20d.bin")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a b.bin", "e.bin"]


def test_each_scheme_is_opened_once_when_it_is_used() -> None:
    opened: list[str] = []

    def opener(name: str) -> MemoryStorage:
        opened.append(name)
        return MemoryStorage()

    storage = RoutedStorage({"one": lambda: opener("one"), "two": lambda: opener("two")})
    assert opened == []
    storage.write("one://a", b"1")
    storage.write("ONE://b", b"2")
    assert opened == ["one"]
    assert storage.read("one://b").read() == b"2"


def test_unknown_schemes() -> None:
    with pytest.raises(StorageError, match="one of file://, http://") as caught:
        open_storages().read("ftp://example.com/a.jpg")
    assert (caught.value.code, caught.value.retryable) == ("unknown-scheme", False)


def test_copies_between_storages(bucket: Bucket, tmp_path: Path) -> None:
    storage = RoutedStorage({"s3": lambda: bucket.storage, "memory": MemoryStorage})
    storage.write(f"{tmp_path}/a.bin", b"1234")
    storage.copy(f"{tmp_path}/a.bin", bucket.uri("a.bin"))
    storage.copy(bucket.uri("a.bin"), "memory://a.bin")
    storage.copy("memory://a.bin", f"{tmp_path}/b.bin")
    storage.copy(f"{tmp_path}/b.bin", f"{tmp_path}/c.bin")
    assert (tmp_path / "c.bin").read_bytes() == b"1234"
    with pytest.raises(SourceError):
        storage.copy("memory://gone", bucket.uri("gone"))


def test_large_files_are_copied_as_they_lie_on_disk(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"large" * 8 * MEBI)
    storage = RoutedStorage({"s3": lambda: bucket.storage})
    storage.copy(f"{tmp_path}/a.bin", bucket.uri("a.bin"))
    assert len(bucket.body("a.bin")) == 40 * MEBI
    storage.copy(bucket.uri("a.bin"), f"{tmp_path}/b.bin")
    assert (tmp_path / "b.bin").read_bytes() == (tmp_path / "a.bin").read_bytes()


def test_stores_with_names(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("MEDIA_KEY", "media-key")
    monkeypatch.setenv("MEDIA_SECRET", "media-secret")
    file = tmp_path / "stores.yaml"
    file.write_text(
        f"""
        default: {{endpoint_url: "http://127.0.0.1:9", attempts: 1}}
        media:
          endpoint_url: {bucket.gate.url}
          region: us-east-1
          access_key_env: MEDIA_KEY
          secret_key_env: MEDIA_SECRET
        """
    )
    storage = open_storages(load_stores(str(file)))
    uri = f"s3+media://{bucket.name}/a.jpg"
    assert storage.write(uri, b"1").uri == uri
    assert storage.read(uri).name == uri
    assert names(storage.list(f"s3+media://{bucket.name}")) == [uri]
    assert "media-key" in bucket.gate.requests[0].headers["authorization"]
    with pytest.raises(StorageError):
        storage.read(bucket.uri("a.jpg"))
    with pytest.raises(StorageError, match=re.escape("s3+media://")) as caught:
        storage.read("s3+other://bucket/a.jpg")
    assert caught.value.code == "unknown-scheme"
    monkeypatch.delenv("MEDIA_SECRET")
    with pytest.raises(UsageError, match="MEDIA_SECRET") as missing:
        open_storages(load_stores(str(file))).read(uri)
    assert missing.value.code == "bad-setting"
    storage.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("media: {secret: hunter2}", "unknown field `secret`"),
        ("media: {concurrency: 0}", "concurrency"),
        ("media: {addressing: diagonal}", "addressing"),
        ("media: {access_key_env: AKIA/1234}", "access_key_env"),
        ("media: {access_key_env: KEY}", "only one"),
        ("MEDIA: {}", "names of a-z"),
        ("media: [", "line 1"),
        ("- media", "Expected `object`"),
    ],
)
def test_mistakes_in_stores(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        parse_stores(text.encode(), "stores.yaml")
    assert caught.value.code == "bad-setting"
    assert "stores.yaml" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_stores_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_stores(str(tmp_path / "gone.yaml"))
    assert parse_stores(b"", "stores.yaml") == {}


def test_local_files_load_nothing_of_s3(tmp_path: Path) -> None:
    program = """
import sys
from imgflow.storage import open_storages
storage = open_storages()
storage.write(sys.argv[1], b"1")
storage.read(sys.argv[1])
heavy = ("boto", "botocore", "smart_open", "yaml", "ssl", "imgflow.storage.s3", "imgflow.guard")
print([name for name in sys.modules if name.startswith(heavy)])
"""
    command = [sys.executable, "-c", program, str(tmp_path / "a")]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    assert found.stdout == "[]\n"


def test_a_storage_of_s3_is_made_without_loading_boto3() -> None:
    program = """
import sys
from imgflow.storage import S3Storage
S3Storage("bucket", "us-east-1", "{hash}.{ext}")
print([name for name in sys.modules if name.startswith(("boto", "smart_open"))])
"""
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    assert found.stdout == "[]\n"


def test_closed(bucket: Bucket, tmp_path: Path) -> None:
    storage = RoutedStorage({"s3": lambda: S3Storage(store=store(bucket.gate.url))})
    storage.write(bucket.uri("a"), b"1")
    storage.close()
    with pytest.raises(StorageError) as caught:
        storage.write(str(tmp_path / "a"), b"1")
    assert caught.value.code == "storage-closed"
