"""One endpoint for many tests, each with an empty queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from endpoint import Endpoint, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import RedisServer


@pytest.fixture(scope="session")
def allowed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that requests may name."""
    return tmp_path_factory.mktemp("allowed").resolve()


@pytest.fixture(scope="session")
def shared_endpoint(single_server: RedisServer, allowed_folder: Path) -> Iterator[Endpoint]:
    """An endpoint that lets jobs into one folder and one bucket."""
    with serving(single_server.url, str(allowed_folder), "s3://bucket/") as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(shared_endpoint: Endpoint, one_redis_url: str) -> Endpoint:
    """The endpoint, and an empty queue."""
    assert one_redis_url
    return shared_endpoint
