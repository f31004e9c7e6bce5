"""A storage for jobs that may be somebody else's by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgflow.errors import StorageError
from imgflow.runner.board import Berth, Board, read_clock
from imgflow.runner.leased import LeasedStorage
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def board() -> Board:
    return Board(1)


@pytest.fixture
def storage(board: Board) -> LeasedStorage:
    berth = Berth(0, 1)
    board.assign(berth, read_clock() + 60)
    return LeasedStorage(LocalStorage(), board, berth)


def test_everything_is_passed_on(storage: LeasedStorage, tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    storage.write(path, b"data")
    assert storage.read(path).read() == b"data"
    entry = storage.stat(path)
    assert entry is not None
    assert entry.size == 4
    assert [found.uri for found in storage.list(str(tmp_path))] == [path]
    storage.delete(path)
    assert storage.stat(path) is None


def test_no_write_without_a_lease(storage: LeasedStorage, board: Board, tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    storage.write(path, b"data")
    board.revoke(Berth(0, 1))
    with pytest.raises(StorageError, match="not written, the lease") as caught:
        storage.write(path, b"other")
    assert (caught.value.code, caught.value.retryable) == ("lease-lost", True)
    with pytest.raises(StorageError):
        storage.delete(path)
    assert storage.read(path).read() == b"data"
