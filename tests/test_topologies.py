"""Servers that work together, do; and the queue's URLs reach them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from command import wait_for
from redis import Redis
from redis.exceptions import RedisError
from servers import RedisServer
from topologies import (
    cluster_url,
    start_cluster,
    start_replica,
    start_sentinel,
    tls_options,
    write_certificates,
)

from imgflow.errors import QueueError
from imgflow.queue import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.slow
@pytest.mark.parametrize("masters", [1, 3])
def test_a_cluster_holds_every_slot(
    server_binary: str, tmp_path: Path, stack: ExitStack, masters: int
) -> None:
    nodes = start_cluster(server_binary, tmp_path, stack, masters=masters)
    with connect(cluster_url(nodes)) as client:
        for number in range(50):
            client.set(f"key{number}", number)
        assert [client.get(f"key{number}") for number in range(50)] == [
            str(number).encode() for number in range(50)
        ]


@pytest.mark.slow
def test_a_sentinel_fails_over_to_a_replica(
    server_binary: str, tmp_path: Path, stack: ExitStack
) -> None:
    master = stack.enter_context(RedisServer(server_binary, tmp_path / "master"))
    replica = start_replica(server_binary, tmp_path / "replica", master, stack)
    sentinel = start_sentinel(server_binary, tmp_path / "sentinel", master, stack)
    with connect(sentinel.url) as client:
        client.set("before", "1")
        client.wait(1, 30_000)
        master.kill()

        def write() -> bool:
            try:
                return bool(client.set("after", "1"))
            except RedisError:
                return False

        wait_for(write, 60)
    with replica.client() as survivor:
        assert survivor.info("replication")["role"] == "master"
        assert survivor.mget("before", "after") == [b"1", b"1"]


@pytest.mark.usefixtures("openssl")
def test_tls(redis_binary: str, tmp_path: Path, stack: ExitStack) -> None:
    write_certificates(tmp_path)
    server = stack.enter_context(RedisServer(redis_binary, tmp_path, options=tls_options()))
    with connect(server.url) as client:
        assert client.set("key", "1")
    with pytest.raises(QueueError, match="certificate"):
        connect(server.url.partition("?")[0])
    with pytest.raises(RedisError), Redis.from_url(f"redis://127.0.0.1:{server.port}") as plain:
        plain.ping()
