"""The file of the ledger: damage, several writers, writers that are killed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgflow.errors import StorageError
from imgflow.state.rows import NAME, Rows

if TYPE_CHECKING:
    from pathlib import Path

    from imgflow.state.rows import Key


def row(name: str, body: bytes = b"{}") -> dict[Key, bytes]:
    return {("job", "web", name): body}


def written(folder: Path, count: int = 200) -> Path:
    rows = Rows(str(folder))
    rows.write({key: body for at in range(count) for key, body in row(f"{at}", b"x" * 99).items()})
    rows.close()
    return folder / NAME


def test_what_was_written_is_loaded(tmp_path: Path) -> None:
    rows = Rows(str(tmp_path / "state"))
    assert rows.load() == {}
    assert not (tmp_path / "state").exists()
    rows.write({**row("a", b"1"), **row("b", b"2")})
    rows.write(row("a", b"3"), [("job", "web", "b")])
    rows.close()
    assert Rows(str(tmp_path / "state")).load() == row("a", b"3")
    assert (tmp_path / "state" / ".gitignore").read_text() == "*\n"


def test_no_other_files_are_left(tmp_path: Path) -> None:
    written(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".gitignore", NAME]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: b"this is no database at all" * len(data),
        lambda data: data[: len(data) // 2],
        lambda data: data[:100],
        lambda data: data[:4096] + b"\xaa" * (len(data) - 4096),
    ],
    ids=["empty", "text", "half", "head", "pages"],
)
def test_a_damaged_file_counts_as_empty_and_is_replaced(tmp_path: Path, damage: object) -> None:
    path = written(tmp_path)
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    rows = Rows(str(tmp_path))
    sound = Rows(str(tmp_path)).load()
    assert all(body == b"x" * 99 for body in sound.values())
    rows.write(row("new"))
    rows.close()
    assert row("new").items() <= Rows(str(tmp_path)).load().items()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_byte_never_changes_a_row(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("state")
    path = written(folder, 40)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    known = {("job", "web", f"{at}"): b"x" * 99 for at in range(40)}
    rows = Rows(str(folder))
    assert rows.load().items() <= known.items()
    rows.write(row("new"))
    rows.close()
    assert Rows(str(folder)).load().items() <= (known | row("new")).items()


def test_a_table_of_another_form_is_replaced(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("CREATE TABLE rows (one, two)")
    connection.commit()
    connection.close()
    rows = Rows(str(tmp_path))
    assert rows.load() == {}
    rows.write(row("a"))
    rows.close()
    assert Rows(str(tmp_path)).load() == row("a")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StorageError, match="name another folder") as caught:
        Rows(str(tmp_path / "state")).write(row("a"))
    assert caught.value.code == "state-unusable"


_WRITER = textwrap.dedent("""
    import sys
    from imgflow.state.rows import Rows
    folder, mark, count = sys.argv[1:]
    rows = Rows(folder)
    for at in range(int(count)):
        body = (mark * 5000).encode()
        rows.write({("job", "web", f"{mark}{at % 7}"): body, ("job", "both", f"{at % 7}"): body})
        print(at, flush=True)
""")


def start(folder: Path, mark: str, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _WRITER, str(folder), mark, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_two_writers_at_once(tmp_path: Path) -> None:
    writers = [start(tmp_path, mark, 60) for mark in "ab"]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    rows = Rows(str(tmp_path)).load()
    assert len(rows) == 21
    assert all(len(set(body)) == 1 and len(body) == 5000 for body in rows.values())


def test_killed_at_any_point_leaves_whole_rows(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311
    for _ in range(12):
        writer = start(tmp_path, chance.choice("ab"), 100_000)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.random() * 0.05)
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=60)
        rows = Rows(str(tmp_path))
        loaded = rows.load()
        assert loaded
        for body in loaded.values():
            assert len(set(body)) == 1
            assert len(body) == 5000
        rows.write(row("after", b"z" * 5000))
        rows.close()
        assert Rows(str(tmp_path)).load().items() >= row("after", b"z" * 5000).items()
