"""The network that fails on command fails as it says."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fault_proxy import FaultProxy
    from servers import RedisServer


@pytest.fixture
def client(fault_proxy: FaultProxy) -> Iterator[Redis]:
    """A client that reports what happens to it at once."""
    with Redis.from_url(fault_proxy.url(), retry=None, socket_timeout=30) as client:
        yield client


@pytest.fixture
def witness(shared_server: RedisServer) -> Iterator[Redis]:
    """A client that is connected to the server itself."""
    with shared_server.client() as client:
        yield client


def test_it_passes_all(client: Redis) -> None:
    data = bytes(range(256)) * 4096
    client.set("large", data)
    assert client.get("large") == data


def test_it_refuses_until_it_passes_again(client: Redis, fault_proxy: FaultProxy) -> None:
    assert client.ping()
    fault_proxy.set_mode("refuse")
    for _ in range(2):
        with pytest.raises(RedisConnectionError):
            client.ping()
    fault_proxy.set_mode("pass")
    assert client.ping()


def test_what_was_kept_back_arrives_in_the_end(client: Redis, fault_proxy: FaultProxy) -> None:
    assert client.ping()
    fault_proxy.set_mode("stall")
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(client.incr("number")))
    asking.start()
    asking.join(0.2)
    assert not answers
    fault_proxy.set_mode("pass")
    asking.join(60)
    assert answers == [1]


def test_a_request_that_is_kept_back_is_not_served(fault_proxy: FaultProxy, witness: Redis) -> None:
    with Redis.from_url(fault_proxy.url(), retry=None, socket_timeout=0.2) as hasty:
        assert hasty.ping()
        fault_proxy.set_mode("stall")
        with pytest.raises(RedisTimeoutError):
            hasty.incr("number")
        assert witness.get("number") is None
        fault_proxy.cut()
        fault_proxy.set_mode("pass")
        assert hasty.ping()
    assert witness.get("number") is None


def test_connections_are_cut(client: Redis, fault_proxy: FaultProxy) -> None:
    with socket.create_connection(("127.0.0.1", fault_proxy.port), 30) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(7) == b"+PONG\r\n"
        fault_proxy.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(7)
    assert client.ping()


def test_a_dropped_reply_is_to_a_request_that_was_served(
    client: Redis, fault_proxy: FaultProxy, witness: Redis
) -> None:
    fault_proxy.drop_replies(1, only=b"INCR")
    assert client.ping()
    with pytest.raises(RedisConnectionError):
        client.incr("number")
    assert fault_proxy.dropped == 1
    assert witness.get("number") == b"1"
    assert client.incr("number") == 2


def test_replies_are_dropped_by_a_seeded_chance(
    client: Redis, fault_proxy: FaultProxy, witness: Redis
) -> None:
    runs = []
    for _ in range(2):
        lost = []
        client.ping()
        fault_proxy.drop_replies(1000, chance=0.3, seed=5, only=b"INCR")
        for turn in range(40):
            try:
                client.incr("number")
            except RedisConnectionError:
                lost.append(turn)
        runs.append(lost)
    assert runs[0] == runs[1]
    assert 3 < len(runs[0]) < 25
    assert fault_proxy.dropped == 2 * len(runs[0])
    assert witness.get("number") == b"80"


def test_latency_is_added_each_way(client: Redis, fault_proxy: FaultProxy) -> None:
    fault_proxy.latency = 0.01
    assert [client.incr("number") for _ in range(3)] == [1, 2, 3]
