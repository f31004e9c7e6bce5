"""Outputs that come from elsewhere: a fresh clone with a warm vault makes nothing."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from ledgers import expected, job_of, make, restore

from imgflow.job import Output
from imgflow.state import Ledger, Vault, job_key, judge, record
from imgflow.storage import LocalStorage, MemoryStorage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imgflow.job import Job

ROOT = "memory://vault"


class Clone:
    """A folder with a source and an empty ledger."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "photos" / "a.jpg"
        self.source.parent.mkdir(parents=True)
        self.source.write_bytes(b"the pixels")
        self.ledger = Ledger(str(folder / ".imgflow"), str(folder), "web")

    def job(self, **changes: Any) -> Job:
        return job_of(self.source, **changes)

    def keep(self, job: Job, vault: Vault) -> str:
        judge(job, self.ledger)
        assert record(job, make(job), self.ledger)
        made = self.ledger.lookup(job.input)
        assert made is not None
        vault.keep(made, self.ledger.home)
        vault.settle()
        return made.key


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def vault(storage: MemoryStorage) -> Vault:
    return Vault(storage, ROOT)


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Clone]:
    clone = Clone(tmp_path / "one")
    with clone.ledger:
        yield clone


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Clone]:
    clone = Clone(tmp_path / "somewhere" / "two")
    with clone.ledger:
        yield clone


def test_a_fresh_clone_makes_nothing(one: Clone, two: Clone, vault: Vault) -> None:
    key = one.keep(one.job(), vault)
    shutil.rmtree(one.source.parent.parent)
    job = two.job(date="2026-05-05")
    assert job_key(job, two.ledger) == key
    parcel = vault.fetch(key)
    assert parcel is not None
    assert parcel.made.result.seconds == 0
    assert judge(job, two.ledger).action == "create"
    result = restore(job, two.ledger, vault, LocalStorage())
    assert result is not None
    assert [written.status for written in result.outputs] == ["kept", "kept"]
    for written, output in zip(result.outputs, job.outputs, strict=True):
        with open(written.path, "rb") as file:
            assert file.read() == expected(job, output)
    two.ledger.close()
    with Ledger(
        str(two.source.parents[1] / ".imgflow"), str(two.source.parents[1]), "web"
    ) as again:
        assert judge(job, again).action == "keep"


def test_nothing_for_another_job(one: Clone, two: Clone, vault: Vault) -> None:
    one.keep(one.job(), vault)
    storage = LocalStorage()
    assert restore(two.job(width=801), two.ledger, vault, storage) is None
    assert restore(two.job(force=True), two.ledger, vault, storage) is None
    two.source.write_bytes(b"THE PIXELS")
    assert restore(two.job(), two.ledger, vault, storage) is None
    two.source.unlink()
    assert restore(two.job(), two.ledger, vault, storage) is None


@pytest.mark.parametrize("length", [0, 5])
@pytest.mark.parametrize("kind", ["objects", "records"])
def test_what_is_cut_or_missing_is_not_taken(
    one: Clone, vault: Vault, storage: MemoryStorage, kind: str, length: int
) -> None:
    key = one.keep(one.job(), vault)
    uri = next(iter(storage.list(f"{ROOT}/{kind}"))).uri
    storage.write(uri, storage.read(uri).read()[:length])
    assert vault.fetch(key) is None
    assert restore(one.job(), one.ledger, vault, LocalStorage()) is None
    storage.delete(uri)
    assert vault.fetch(key) is None
    one.keep(one.job(), vault)
    assert vault.fetch(key) is not None


def test_a_damaged_object_is_replaced(one: Clone, vault: Vault, storage: MemoryStorage) -> None:
    key = one.keep(one.job(), vault)
    for entry in list(storage.list(f"{ROOT}/objects")):
        storage.write(entry.uri, b"damaged")
    assert vault.fetch(key) is None
    one.keep(one.job(), vault)
    assert vault.fetch(key) is not None


def test_a_changed_digit_in_a_record(one: Clone, vault: Vault, storage: MemoryStorage) -> None:
    key = one.keep(one.job(), vault)
    uri = f"{ROOT}/records/{key}"
    data = storage.read(uri).read()
    assert b'"width":8' in data
    storage.write(uri, data.replace(b'"width":8', b'"width":9'))
    assert vault.fetch(key) is None


def test_what_was_edited_is_not_kept(one: Clone, vault: Vault, storage: MemoryStorage) -> None:
    job = one.job()
    judge(job, one.ledger)
    result = make(job)
    assert record(job, result, one.ledger)
    made = one.ledger.lookup(job.input)
    assert made is not None
    with open(result.outputs[0].path, "wb") as file:
        file.write(b"edited")
    vault.keep(made, one.ledger.home)
    vault.settle()
    assert list(storage.list(f"{ROOT}/records")) == []


def test_a_place_that_the_job_may_not_write_to(
    one: Clone, two: Clone, vault: Vault, tmp_path: Path
) -> None:
    key = one.keep(one.job(), vault)
    parcel = vault.fetch(key)
    assert parcel is not None
    outside = "../escaped.webp"
    first = parcel.made.outputs[0]
    written = msgspec.structs.replace(first.written, path=outside)
    first = msgspec.structs.replace(first, written=written)
    bad = msgspec.structs.replace(parcel.made, outputs=(first, *parcel.made.outputs[1:]))
    (one.source.parents[1] / outside).write_bytes(parcel.files[0])
    vault.keep(bad, one.ledger.home)
    vault.settle()
    assert vault.fetch(key) == parcel._replace(made=bad)
    assert restore(two.job(), two.ledger, vault, LocalStorage()) is None
    assert not (tmp_path / "somewhere" / "escaped.webp").exists()


def test_files_that_are_there_are_not_written_again(one: Clone, two: Clone, vault: Vault) -> None:
    one.keep(one.job(), vault)
    there = make(two.job()).outputs
    before = [look(written.path) for written in there]
    assert restore(two.job(), two.ledger, vault, LocalStorage()) is not None
    assert [look(written.path) for written in there] == before


def look(path: str) -> tuple[int, int]:
    info = os.stat(path)
    return info.st_ino, info.st_mtime_ns


def test_a_path_with_a_date_is_the_first_one(one: Clone, two: Clone, vault: Vault) -> None:
    def dated(clone: Clone, date: str) -> Job:
        out = clone.source.parent.parent / "dist"
        output = Output(path=f"{out}/{{date}}.png", encoder={"format": "png"})
        return clone.job(outputs=(output,), date=date)

    one.keep(dated(one, "2026-01-01"), vault)
    result = restore(dated(two, "2026-06-06"), two.ledger, vault, LocalStorage())
    assert result is not None
    assert result.outputs[0].path.endswith("/2026-01-01.png")
