"""A private server keeps its data, keeps to itself, and keeps nothing running."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import wait_for
from processes import alive
from redis import Redis
from redis.exceptions import AuthenticationError

from imgflow.embedded import PrivateServer
from imgflow.embedded.binary import read_binary
from imgflow.errors import QueueError, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.embedded import Binary

OWNER = """
import sys, time
from redis import Redis
from imgflow.embedded import PrivateServer
with PrivateServer(sys.argv[1]) as server, Redis.from_url(server.url) as client:
    for number in range(2000):
        client.rpush("kept", number)
    print(client.info("server")["process_id"], flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="s") as path:
        yield Path(path) / "data"


@pytest.fixture
def binary(server_binary: str) -> Binary:
    found = read_binary(server_binary)
    assert found
    return found


def test_data_are_kept(folder: Path, binary: Binary) -> None:
    with PrivateServer(str(folder), binary) as server, Redis.from_url(server.url) as client:
        assert server.url.startswith("unix://")
        client.set("kept", "1")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("append*")["appendfsync"] == "everysec"
        assert client.config_get("port") == {"port": "0"}
    with PrivateServer(str(folder), binary) as server, Redis.from_url(server.url) as client:
        assert client.get("kept") == b"1"


def test_nobody_else_reads_them(folder: Path, binary: Binary) -> None:
    with PrivateServer(str(folder), binary):
        for path in (folder, *folder.rglob("*")):
            assert not stat.S_IMODE(path.lstat().st_mode) & 0o077, path


def test_a_path_too_long_for_a_socket(tmp_path: Path, binary: Binary) -> None:
    folder = tmp_path / ("long" * 40)
    with PrivateServer(str(folder), binary) as server, Redis.from_url(server.url) as client:
        assert server.url.startswith("redis://:")
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
        port = client.connection_pool.connection_kwargs["port"]
        stranger = Redis.from_url(f"redis://127.0.0.1:{port}", retry=None)
        with stranger, pytest.raises(AuthenticationError):
            stranger.ping()
    assert list(folder.glob("*.sock")) == []


@pytest.mark.parametrize("name", ["with space", "per%20cent", "quote\"s'", "ünï", "#?&=;"])
def test_odd_names(folder: Path, binary: Binary, name: str) -> None:
    with (
        PrivateServer(str(folder / name), binary) as server,
        Redis.from_url(server.url) as client,
    ):
        assert client.ping()
        assert server.url.startswith("unix://")


def test_one_at_a_time(folder: Path, binary: Binary) -> None:
    with PrivateServer(str(folder), binary) as server:
        with pytest.raises(UsageError, match=rf"\(process {os.getpid()}\)") as caught:
            PrivateServer(str(folder), binary)
        assert caught.value.code == "data-in-use"
        with Redis.from_url(server.url) as client:
            assert client.ping()
    with PrivateServer(str(folder), binary):
        pass


def test_nothing_runs_on_after_its_owner_is_killed(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
    with PrivateServer(str(folder)) as server, Redis.from_url(server.url) as client:
        assert not alive(pid)
        assert client.llen("kept") == 2000


def test_a_crash_of_the_server_leaves_nothing_in_the_way(folder: Path, binary: Binary) -> None:
    server = PrivateServer(str(folder), binary)
    with server, Redis.from_url(server.url) as client:
        client.set("kept", "1")
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
        wait_for(lambda: server.child.exit_code == 128 + signal.SIGKILL)
    with PrivateServer(str(folder), binary) as server, Redis.from_url(server.url) as client:
        assert client.get("kept") == b"1"


def test_damaged_data_are_told_of(folder: Path, binary: Binary) -> None:
    with PrivateServer(str(folder), binary) as server, Redis.from_url(server.url) as client:
        client.set("kept", "1")
    (journal,) = folder.glob("appendonlydir/*.incr.aof")
    journal.write_bytes(b"nonsense\r\n" + journal.read_bytes())
    with (
        pytest.raises(QueueError, match="ended with exit code 1") as caught,
        PrivateServer(str(folder), binary),
    ):
        pass
    assert "Bad file format" in caught.value.message
    assert caught.value.code == "server-failed"


def test_the_program_that_knows_the_data_is_taken_again(
    folder: Path, binary: Binary, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PrivateServer(str(folder), binary):
        pass
    with PrivateServer(str(folder)) as server:
        assert server.binary == binary
    moved = str(shutil.copy(binary.path, folder.parent))
    monkeypatch.setattr("imgflow.embedded.server.find_binary", lambda _: read_binary(moved))
    (folder / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with (
        pytest.raises(QueueError, match=f"last used by {binary.path}"),
        PrivateServer(str(folder)),
    ):
        pass


def test_no_folder(tmp_path: Path, binary: Binary) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file/data: expected a folder to keep data in"):
        PrivateServer(str(tmp_path / "file" / "data"), binary)
