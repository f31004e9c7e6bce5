"""The servers that other tests rely on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from command import wait_for
from processes import alive
from redis import Redis
from redis.exceptions import AuthenticationError
from redis.exceptions import TimeoutError as RedisTimeoutError
from servers import RedisServer

if TYPE_CHECKING:
    from pathlib import Path

    from servers import StartServer

PROGRAM = """
import sys, time
from pathlib import Path
from servers import RedisServer
server = RedisServer(sys.argv[1], Path(sys.argv[2])).start()
print(server.pid, flush=True)
time.sleep(600)
"""


def test_database_is_empty(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left behind", 1)


def test_database_is_empty_again(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize("crash", [True, False])
def test_data_survives_a_restart(start_server: StartServer, crash: bool) -> None:
    server = start_server()
    with server.client() as client:
        client.set("kept", "1")
        before = server.pid
        server.restart(crash=crash)
        assert client.get("kept") == b"1"
        assert server.pid != before
        assert not alive(before)


def test_a_frozen_server_is_mute_until_it_goes_on(start_server: StartServer) -> None:
    server = start_server()
    with server.client(socket_timeout=0.2, retry=None) as client:
        client.ping()
        server.pause()
        with pytest.raises(RedisTimeoutError):
            client.get("nothing")
        server.resume()
    with server.client() as client:
        assert client.ping()


def test_options_reach_the_server(start_server: StartServer) -> None:
    server = start_server(
        {"requirepass": "secret", "maxmemory": "9mb", "user": ["ann on >pw ~* +@read", "bob off"]}
    )
    with server.client() as client:
        assert client.config_get("maxmemory") == {"maxmemory": str(9 << 20)}
        assert {"ann", "bob", "default"} <= set(client.acl_users())
    stranger = Redis.from_url(f"redis://127.0.0.1:{server.port}", retry=None)
    with stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    with Redis.from_url(server.unix_url) as client:
        assert client.ping()


def test_what_the_server_says_is_shown_when_it_does_not_start(
    redis_binary: str, tmp_path: Path
) -> None:
    server = RedisServer(redis_binary, tmp_path, options={"no-such-option": "1"})
    with pytest.raises(AssertionError, match="no-such-option"):
        server.start()
    assert not server.running


def test_no_server_outlives_the_tests(server_binary: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, server_binary, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        assert tests.stdout
        pid = int(tests.stdout.readline())
        assert alive(pid)
        tests.send_signal(signal.SIGKILL)
    wait_for(lambda: not alive(pid))
