"""Shops for one test: all who were hired are gone after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shops import QUICK, Shop

from imgflow.queue import Policy, Queue, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """A function that opens a shop on some server."""
    shops: list[Shop] = []

    def open_one(url: str, policy: Policy = QUICK) -> Shop:
        shops.append(Shop(Queue(connect(url), policy=policy), url, tmp_path))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(one_redis_url: str, open_shop: Callable[..., Shop]) -> Shop:
    """A shop on a server that stays up."""
    return open_shop(one_redis_url)
