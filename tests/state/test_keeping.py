"""A vault that takes in files while a run goes on."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ledgers import Clone, threads

from imgflow.errors import StorageError
from imgflow.state import Vault, judge, restored
from imgflow.storage import PLAIN, Entry, LocalStorage, MemoryStorage, Properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.storage.storage import Data

ROOT = "memory://vault"


class Watched(MemoryStorage):
    """Writes when it may, and remembers in which order; some things it refuses."""

    def __init__(self, refused: str = "nothing") -> None:
        super().__init__()
        self.gate = threading.Event()
        self.order: list[str] = []
        self.refused = refused

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        assert self.gate.wait(60)
        if self.refused in uri:
            raise StorageError(f"{uri}: refused", code="refused")
        self.order.append(uri)
        return super().write(uri, data, properties)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    with Clone(tmp_path / "one", 12) as clone:
        yield clone


def test_a_run_does_not_wait_for_it(clone: Clone) -> None:
    storage = Watched()
    vault = Vault(storage, ROOT)
    for job in clone.jobs():
        vault.keep(clone.do(job), clone.ledger.home)
    assert storage.order == []
    storage.gate.set()
    vault.settle()
    assert len(storage.files) == 12 * 3
    assert threads() == []
    for made in clone.ledger.all():
        record = storage.order.index(f"{ROOT}/records/{made.key}")
        files = [storage.order.index(f"{ROOT}/objects/{one.sha256}") for one in made.outputs]
        assert max(files) < record


def test_what_it_refuses_is_told_once_at_the_end(clone: Clone) -> None:
    storage = Watched("/objects/")
    storage.gate.set()
    with Vault(storage, ROOT) as vault:
        for job in clone.jobs():
            vault.keep(clone.do(job), clone.ledger.home)
        with pytest.raises(StorageError, match="refused"):
            vault.settle()
        assert storage.files == {}
        storage.refused = "nothing"
        for job in clone.jobs():
            vault.keep(clone.do(job), clone.ledger.home)
        vault.settle()
        assert len(storage.files) == 12 * 3
    assert threads() == []


def test_closed_early_it_is_whole_and_leaves_no_thread(clone: Clone, tmp_path: Path) -> None:
    storage = Watched()
    with Vault(storage, ROOT) as vault:
        for job in clone.jobs():
            vault.keep(clone.do(job), clone.ledger.home)
        storage.gate.set()
    assert threads() == []
    with Clone(tmp_path / "two", 12) as two:
        found = restored(two.jobs(), two.ledger, vault, LocalStorage())
        count = sum(result is not None for _, result in found)
    assert count == sum("/records/" in uri for uri in storage.files)
    assert two.files().items() <= clone.expected().items()
    assert len(two.files()) == count * 2


_RUN = textwrap.dedent("""
    import sys
    from pathlib import Path
    from ledgers import Clone
    from imgflow.state import Vault, judge, restored
    from imgflow.storage import LocalStorage
    clone = Clone(Path(sys.argv[1]), 40)
    jobs = (job for job in clone.jobs() if judge(job, clone.ledger).action != "keep")
    with Vault(LocalStorage(), sys.argv[2]) as vault, clone:
        for job, result in restored(jobs, clone.ledger, vault, LocalStorage()):
            if result is None:
                vault.keep(clone.do(job), clone.ledger.home)
            print(job.input, flush=True)
        vault.settle()
""")


def start(folder: Path, vault: Path) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", _RUN, str(folder), str(vault)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tests)


def check(folder: Path, vault: Path) -> int:
    """Return how many jobs are up to date; what is there must be right."""
    with Clone(folder, 40) as clone:
        kept = [job for job in clone.jobs() if judge(job, clone.ledger).action == "keep"]
    expected = clone.expected()
    assert clone.files().items() <= expected.items()
    with Clone(folder.with_name(f"{folder.name}-fresh"), 40) as fresh:
        found = restored(
            fresh.jobs(), fresh.ledger, Vault(LocalStorage(), str(vault)), LocalStorage()
        )
        assert [job for job, _ in found] == fresh.jobs()
    assert fresh.files().items() <= expected.items()
    return len(kept)


def test_killed_at_any_point(tmp_path: Path) -> None:
    for lines in (1, 17):
        run = start(tmp_path / f"{lines}", tmp_path / "vault")
        assert run.stdout is not None
        for _ in range(lines):
            run.stdout.readline()
        run.kill()
        run.communicate(timeout=60)
        check(tmp_path / f"{lines}", tmp_path / "vault")
    run = start(tmp_path / "17", tmp_path / "vault")
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert check(tmp_path / "17", tmp_path / "vault") == 40


def test_two_runs_at_once(tmp_path: Path) -> None:
    runs = [start(tmp_path / name, tmp_path / "vault") for name in ("one", "two")]
    for run in runs:
        run.communicate(timeout=60)
        assert run.returncode == 0
    assert [check(tmp_path / name, tmp_path / "vault") for name in ("one", "two")] == [40, 40]
