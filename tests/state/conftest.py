"""A folder with a source, and its ledger."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from imgflow.state import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledgers import OpenLedger


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "a.jpg"
    path.parent.mkdir()
    path.write_bytes(b"the pixels")
    return path


@pytest.fixture
def opened(tmp_path: Path) -> OpenLedger:
    @contextmanager
    def opened(scope: str = "web", *, home: Path = tmp_path, **options: bool) -> Iterator[Ledger]:
        with Ledger(str(home / ".imgflow"), str(home), scope, **options) as ledger:
            yield ledger

    return opened
