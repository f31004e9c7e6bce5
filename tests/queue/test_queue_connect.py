"""URLs and servers: which will do, which are refused, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from queue_crowd import check_use
from servers import free_port

from imgflow.errors import QueueError
from imgflow.queue import concealed, connect
from imgflow.queue.connection import check_server

if TYPE_CHECKING:
    from servers import StartServer


class Info:
    """A client as far as a check asks it."""

    def __init__(self, **sections: dict[str, Any]) -> None:
        self._sections = sections

    def info(self, section: str) -> dict[str, Any]:
        return self._sections.get(section, {})


@pytest.mark.parametrize(
    ("server", "good"),
    [
        ({"redis_version": "7.0.15"}, True),
        ({"redis_version": "7.0.0"}, True),
        ({"redis_version": "8.10.1"}, True),
        ({"redis_version": "6.2.14"}, False),
        ({"redis_version": "5.0"}, False),
        ({}, False),
        ({"redis_version": "7.2.4", "valkey_version": "7.2.5", "server_name": "valkey"}, True),
        ({"redis_version": "7.2.4", "valkey_version": "8.1.0"}, True),
        ({"redis_version": "7.2.4", "valkey_version": "7.0.0"}, False),
    ],
)
def test_versions(server: dict[str, str], good: bool) -> None:
    client: Any = Info(server=server, memory={"maxmemory_policy": "noeviction"})
    if good:
        check_server(client, "redis://host")
        return
    with pytest.raises(QueueError) as caught:
        check_server(client, "redis://host")
    assert (caught.value.code, caught.value.retryable) == ("queue-unsupported", False)
    assert caught.value.message.startswith("redis://host: expected Redis 7.0 or Valkey 7.2")


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_server_that_evicts_is_refused_unless_told(
    start_server: StartServer, policy: str
) -> None:
    server = start_server({"maxmemory-policy": policy})
    with pytest.raises(QueueError) as caught:
        connect(server.url)
    assert (caught.value.code, caught.value.retryable) == ("queue-evicts", False)
    assert policy in caught.value.message
    connect(server.url, evicting_ok=True).close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://",
        "http://localhost",
        "localhost:6379",
        "redis://localhost:port",
        "redis+sentinel://localhost:26379",
        "redis+cluster://:7000",
        "redis+sentinel://,/name",
        "redis+other://h",
        "valkey+sentinel:///x",
    ],
)
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(QueueError) as caught:
        connect(url)
    assert (caught.value.code, caught.value.retryable) == ("bad-queue-url", False)


@pytest.mark.parametrize("scheme", ["redis", "valkey", "redis+cluster", "redis+sentinel"])
def test_nobody_listens(scheme: str) -> None:
    with pytest.raises(QueueError) as caught:
        connect(f"{scheme}://user:secret@127.0.0.1:{free_port()}/name")
    assert caught.value.code in ("queue-unreachable", "bad-queue-url")
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h/0", "redis://h/0"),
        ("redis://:secret@h:1/0", "redis://:***@h:1/0"),
        ("redis://user:se:cr@et@h/0", "redis://user:***@h/0"),
        ("rediss+sentinel://u:secret@a:1,b:2/m", "rediss+sentinel://u:***@a:1,b:2/m"),
        ("unix:///run/r.sock?password=secret&db=1", "unix:///run/r.sock?password=***&db=1"),
        (
            "redis+sentinel://a/m?sentinel_password=secret",
            "redis+sentinel://a/m?sentinel_password=***",
        ),
        ("unix://user:secret@/run/r.sock", "unix://user:***@/run/r.sock"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert concealed(url) == shown


def test_a_socket(start_server: StartServer) -> None:
    server = start_server()
    check_use(server, server.unix_url)


def test_a_password(start_server: StartServer) -> None:
    server = start_server({"requirepass": "s3cret"})
    check_use(server, server.url)
    with pytest.raises(QueueError) as caught:
        connect(f"redis://:wrong@127.0.0.1:{server.port}")
    assert (caught.value.code, caught.value.retryable) == ("queue-denied", False)
    assert "wrong" not in caught.value.message
