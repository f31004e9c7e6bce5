"""Many jobs and a vault: asked ahead, in order, and nothing left behind."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest
from ledgers import Clone, threads

from imgflow.errors import StorageError
from imgflow.state import Ledger, Vault, judge, restored
from imgflow.storage import LocalStorage, MemoryStorage
from imgflow.storage.opening import open_usual

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imgflow.job import Job
    from imgflow.source import Source

ROOT = "memory://vault"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Clone]:
    with Clone(tmp_path / "one", 12) as clone:
        yield clone


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Clone]:
    with Clone(tmp_path / "two", 12) as clone:
        yield clone


@pytest.fixture(params=["folder", "memory", "bucket"])
def vault(tmp_path: Path, request: pytest.FixtureRequest) -> Vault:
    """An empty vault of each kind."""
    if request.param == "folder":
        return Vault(LocalStorage(), str(tmp_path / "vault"))
    if request.param == "memory":
        return Vault(MemoryStorage(), ROOT)
    ground = request.getfixturevalue("ground")
    return Vault(open_usual(os.environ), ground.uri("cache/"))


def test_all_that_is_kept_in_the_order_of_the_jobs(one: Clone, two: Clone, vault: Vault) -> None:
    one.fill(vault)
    two.sources[3].write_bytes(b"other pixels")
    jobs = two.jobs()
    jobs[5] = msgspec.structs.replace(jobs[5], force=True)
    found = list(restored(jobs, two.ledger, vault, LocalStorage()))
    assert [job for job, _ in found] == jobs
    assert [at for at, (_, result) in enumerate(found) if result is None] == [3, 5]
    assert [result.input for _, result in found if result] == [
        job.input for at, job in enumerate(jobs) if at not in {3, 5}
    ]
    missing = {f"{at:02}.{kind}" for at in (3, 5) for kind in ("webp", "avif")}
    assert two.files() == {k: v for k, v in one.expected().items() if k not in missing}
    two.ledger.close()
    with Ledger(str(two.folder / ".imgflow"), str(two.folder), "web") as again:
        actions = [judge(job, again).action for job in two.jobs()]
    assert [at for at, action in enumerate(actions) if action != "keep"] == [3, 5]
    assert threads() == []


class Meeting(MemoryStorage):
    """Records are handed out when four are asked for at once."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = threading.Barrier(4)

    def read(self, uri: str) -> Source:
        if "/records/" in uri:
            self.barrier.wait(60)
        return super().read(uri)


def test_a_far_vault_is_asked_for_many_at_once(one: Clone, two: Clone) -> None:
    storage = Meeting()
    vault = Vault(storage, ROOT)
    one.fill(vault)
    found = list(restored(two.jobs(), two.ledger, vault, LocalStorage()))
    assert all(result for _, result in found)
    assert two.files() == one.expected()


def test_jobs_and_the_ledger_are_used_in_one_thread(
    one: Clone, two: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(MemoryStorage(), ROOT)
    one.fill(vault)
    seen = set()

    def told(name: str) -> None:
        original = getattr(Ledger, name)

        def method(*arguments: object, **options: object) -> object:
            seen.add(threading.get_ident())
            return original(*arguments, **options)

        monkeypatch.setattr(Ledger, name, method)

    def jobs() -> Iterator[Job]:
        for job in two.jobs():
            seen.add(threading.get_ident())
            yield job

    for name in ("lookup", "record", "terms", "digest", "vouch"):
        told(name)
    assert all(result for _, result in restored(jobs(), two.ledger, vault, LocalStorage()))
    assert seen == {threading.get_ident()}


def test_jobs_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    two = Clone(tmp_path, 60)
    taken = []

    def jobs() -> Iterator[Job]:
        for job in two.jobs():
            taken.append(job)
            yield job

    for vault, ahead in (
        (Vault(MemoryStorage(), ROOT), 32),
        (Vault(LocalStorage(), str(tmp_path / "vault")), 1),
    ):
        taken.clear()
        found = restored(jobs(), two.ledger, vault, LocalStorage())
        next(found)
        assert len(taken) == ahead
        next(found)
        assert len(taken) == ahead + 1
        found.close()


def test_closed_early(one: Clone, two: Clone) -> None:
    vault = Vault(MemoryStorage(), ROOT)
    one.fill(vault)
    found = restored(two.jobs(), two.ledger, vault, LocalStorage())
    assert next(found)[1] is not None
    found.close()
    assert threads() == []
    files = two.files()
    assert files.items() <= one.expected().items()
    found = restored(two.jobs(), two.ledger, vault, LocalStorage())
    assert all(result for _, result in found)
    assert two.files() == one.expected()


class Unreachable(MemoryStorage):
    """Nobody answers."""

    def read(self, uri: str) -> Source:
        raise StorageError(f"{uri}: nobody answers", code="unreachable")


def test_a_vault_that_cannot_be_reached(two: Clone) -> None:
    found = restored(two.jobs(), two.ledger, Vault(Unreachable(), ROOT), LocalStorage())
    with pytest.raises(StorageError, match="nobody answers"):
        list(found)
    assert threads() == []


def test_what_cannot_be_written_is_left_to_the_job(one: Clone, two: Clone) -> None:
    vault = Vault(MemoryStorage(), ROOT)
    one.fill(vault)
    (two.folder / "dist" / "04.webp").mkdir(parents=True)
    found = list(restored(two.jobs(), two.ledger, vault, LocalStorage()))
    assert [at for at, (_, result) in enumerate(found) if result is None] == [4]
    assert two.ledger.lookup(found[4][0].input) is None


def test_a_manifest_needs_facts(one: Clone, two: Clone) -> None:
    vault = Vault(MemoryStorage(), ROOT)
    one.fill(vault)
    jobs = [msgspec.structs.replace(job, facts=True) for job in two.jobs()]
    found = restored(jobs, two.ledger, vault, LocalStorage())
    assert [result for _, result in found] == [None] * 12
