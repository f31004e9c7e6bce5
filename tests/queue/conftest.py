"""Queues for tests, on each server in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from queues import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def bench(redis_url: str) -> Iterator[Bench]:
    """An empty queue on each server, with all that tests do to one; audited in the end."""
    with Bench(redis_url) as bench:
        yield bench
        bench.audit()


@pytest.fixture
def one_bench(one_redis_url: str) -> Iterator[Bench]:
    """As ``bench``, on Debian's server alone."""
    with Bench(one_redis_url) as bench:
        yield bench
        bench.audit()
