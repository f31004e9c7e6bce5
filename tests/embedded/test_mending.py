"""A log that ends in the midst of a step is cut back to the last whole one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from imgflow.embedded import PrivateServer
from imgflow.embedded.binary import read_binary
from imgflow.embedded.mending import mend_log

if TYPE_CHECKING:
    from pathlib import Path

    from servers import StartServer


def command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


BEGIN, END = command(b"MULTI"), command(b"EXEC")
PLAIN = command(b"SET", b"a", b"1")
STEP = BEGIN + command(b"LPUSH", b"list", b"x") + command(b"SET", b"b", b"\r\n*1") + END
SCRIPT = "redis.call('LPUSH', 'list', 'x'); redis.call('SET', 'a', string.rep('v', 50))"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "appendonlydir").mkdir()
    manifest = tmp_path / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text(
        "file appendonly.aof.2.base.rdb seq 2 type b\n"
        "file appendonly.aof.4.incr.aof seq 4 type i\n"
        "file appendonly.aof.5.incr.aof seq 5 type i\n"
    )
    return tmp_path


def mended(folder: Path, log: bytes) -> bytes:
    path = folder / "appendonlydir" / "appendonly.aof.5.incr.aof"
    path.write_bytes(log)
    cut = mend_log(str(folder))
    found = path.read_bytes()
    assert cut == len(log) - len(found)
    return found


def test_a_step_cut_anywhere(folder: Path) -> None:
    before = command(b"SELECT", b"0") + PLAIN + STEP
    for size in range(len(BEGIN), len(STEP)):
        assert mended(folder, before + STEP[:size]) == before
    assert mended(folder, before + STEP) == before + STEP


def test_a_torn_command_is_left_to_the_server(folder: Path) -> None:
    for log in (STEP + PLAIN[:-3], STEP + BEGIN[:-3], PLAIN[:1], b""):
        assert mended(folder, log) == log


def test_steps_that_an_older_crash_has_left_open(folder: Path) -> None:
    """The next whole step has closed them; what follows on that is none of their business."""
    before = BEGIN + PLAIN + STEP
    assert mended(folder, before + PLAIN) == before + PLAIN
    assert mended(folder, before + STEP[:-4]) == before


@pytest.mark.parametrize("torn", [BEGIN, BEGIN + PLAIN, BEGIN + b"*1\r\n$999999\r\nx"])
def test_text_that_looks_like_a_step(folder: Path, torn: bytes) -> None:
    log = PLAIN + command(b"SET", b"text", torn)
    assert mended(folder, log + PLAIN) == log + PLAIN
    assert mended(folder, log + STEP[:-4]) == log


def test_what_is_no_log(folder: Path) -> None:
    for log in (b"REDIS0011" + BEGIN, PLAIN + b"junk\r\n" + BEGIN, BEGIN + b"*x\r\n"):
        assert mended(folder, log) == log


def test_a_folder_without_a_log(tmp_path: Path, folder: Path) -> None:
    assert mend_log(str(tmp_path / "missing")) == 0
    assert mend_log(str(folder)) == 0
    (folder / "appendonlydir" / "appendonly.aof.5.incr.aof").mkdir()
    assert mend_log(str(folder)) == 0
    (folder / "appendonlydir" / "appendonly.aof.manifest").write_text("")
    assert mend_log(str(folder)) == 0


def test_a_real_server_forgets_the_torn_step(start_server: StartServer, server_binary: str) -> None:
    server = start_server({"appendfsync": "always"})
    with server.client() as client:
        client.eval(SCRIPT, 0)
        client.eval(SCRIPT, 0)
    server.kill()
    log = max(server.folder.rglob("*.incr.aof"))
    os.truncate(log, log.stat().st_size - 30)
    binary = read_binary(server_binary)
    for length in (2, 3):
        with (
            PrivateServer(str(server.folder), binary) as private,
            Redis.from_url(private.url) as client,
        ):
            client.eval(SCRIPT, 0)
            assert client.llen("list") == length
