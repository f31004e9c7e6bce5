"""Files: whole or not at all, and clear words for whatever stands in the way."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from typing import TYPE_CHECKING

import pytest

from imgflow.errors import SourceError, StorageError
from imgflow.storage import LocalStorage, local, temporary

if TYPE_CHECKING:
    from pathlib import Path

AS_ROOT = os.geteuid() == 0


def refusal(path: Path | str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        LocalStorage().read(str(path))
    return caught.value


def test_reads_what_was_written(tmp_path: Path) -> None:
    storage, target = LocalStorage(), str(tmp_path / "deep" / "down" / "a.bin")
    storage.write(target, b"pixels")
    source = storage.read(target)
    assert source.data == b"pixels"
    assert source.name == target
    entry = storage.stat(target)
    assert entry is not None
    assert (entry.uri, entry.size) == (target, 6)


def test_points_at_a_large_file_instead_of_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "LARGEST_IN_MEMORY", 3)
    (tmp_path / "big").write_bytes(b"four")
    source = LocalStorage().read(str(tmp_path / "big"))
    assert source.data is None
    assert source.read() == b"four"


def test_locates_without_reading(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    assert LocalStorage().locate(str(tmp_path / "a")).data is None


@pytest.mark.parametrize("name", ["gone.jpg", "no/folder/gone.jpg"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path / name)
    assert error.code == "source-missing"
    assert error.message == f"{tmp_path / name}: expected an image file, found nothing there"


def test_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to("gone.jpg")
    error = refusal(tmp_path / "link.jpg")
    assert error.code == "source-missing"
    assert "a link to nothing" in error.message


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to("link.jpg")
    assert refusal(tmp_path / "link.jpg").code == "source-unreadable"


def test_folder(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert error.code == "source-not-a-file"
    assert "found a folder" in error.message


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert refusal(tmp_path / "pipe.jpg").code == "source-not-a-file"


def test_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "file.jpg").write_bytes(b"1")
    looks_like_a_file = os.stat(tmp_path / "file.jpg")
    monkeypatch.setattr("imgflow.storage.local.os.stat", lambda _: looks_like_a_file)
    assert refusal(tmp_path / "pipe.jpg").code == "source-not-a-file"


def test_device_is_not_read() -> None:
    assert refusal("/dev/zero").code == "source-not-a-file"


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"1")
    (tmp_path / "a.jpg").chmod(0)
    assert refusal(tmp_path / "a.jpg").code == "source-unreadable"


def test_refused_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / "a.jpg").write_bytes(b"1")
    monkeypatch.setattr("imgflow.storage.local.os.open", refuse)
    error = refusal(tmp_path / "a.jpg")
    assert error.code == "source-unreadable"
    assert error.message.endswith("found: Permission denied")


def test_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgflow.storage.local.os.access", lambda *_: False)
    assert refusal(tmp_path).message.endswith("found a folder that may not be read")


@pytest.mark.parametrize("name", ["nul\0.jpg", "x" * 300 + ".jpg"])
def test_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    assert refusal(f"{tmp_path}/{name}").code == "source-unreadable"
    with pytest.raises(StorageError):
        LocalStorage().write(f"{tmp_path}/{name}", b"1")
    assert LocalStorage().stat(f"{tmp_path}/{name}") is None
    assert os.listdir(tmp_path) == []


def test_name_that_is_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    with open(name, "wb") as file:
        file.write(b"1")
    error = refusal(name)
    assert error.code == "source-bad-name"
    assert error.message.startswith(rf"{tmp_path}/caf\xe9.jpg: ")


@pytest.mark.parametrize("name", ["x" * 251 + ".jpg", "ü" * 125 + ".jpg", " ", "a\nb.jpg"])
def test_name_that_is_just_possible(tmp_path: Path, name: str) -> None:
    LocalStorage().write(f"{tmp_path}/{name}", b"1")
    assert os.listdir(tmp_path) == [name]


def test_new_file_obeys_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        LocalStorage().write(str(tmp_path / "a"), b"1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "out").symlink_to("precious")
    LocalStorage().write(str(tmp_path / "out"), b"new")
    assert (tmp_path / "precious").read_bytes() == b"old"
    assert not (tmp_path / "out").is_symlink()


def test_linked_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    LocalStorage().write(str(tmp_path / "link" / "a"), b"1")
    assert (tmp_path / "real" / "a").read_bytes() == b"1"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr("imgflow.storage.local.os.replace", fail)
    with pytest.raises(StorageError, match=os.strerror(code)) as caught:
        LocalStorage().write(str(tmp_path / "a"), b"new")
    assert caught.value.code == "write-failed"
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("imgflow.storage.local.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        LocalStorage().write(str(tmp_path / "a"), b"new")
    assert os.listdir(tmp_path) == []


def test_device_without_space() -> None:
    with pytest.raises(StorageError):
        LocalStorage().write("/dev/full/a", b"1")


def test_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="Is a directory"):
        LocalStorage().write(str(tmp_path / "a"), b"1")
    assert os.listdir(tmp_path) == ["a"]


def test_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        LocalStorage().write(str(tmp_path / "a" / "b" / "c"), b"1")


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(StorageError, match="Permission denied"):
        LocalStorage().write(str(tmp_path / "a"), b"1")


def test_lists_in_the_order_of_names_without_temporary_files(tmp_path: Path) -> None:
    for name in ("b/z", "b/a", "a", "c"):
        LocalStorage().write(str(tmp_path / name), b"1")
    (tmp_path / temporary.temporary_name()).write_bytes(b"half")
    found = [os.path.relpath(entry.uri, tmp_path) for entry in LocalStorage().list(str(tmp_path))]
    assert found == ["a", "c", "b/a", "b/z"]


def test_deletes_and_does_not_mind_if_there_is_nothing(tmp_path: Path) -> None:
    storage, target = LocalStorage(), str(tmp_path / "a")
    storage.write(target, b"1")
    storage.delete(target)
    storage.delete(target)
    assert storage.stat(target) is None
    with pytest.raises(StorageError):
        storage.delete(str(tmp_path))


def test_closed_storage_refuses_to_write(tmp_path: Path) -> None:
    storage = LocalStorage()
    storage.close()
    with pytest.raises(StorageError) as caught:
        storage.write(str(tmp_path / "a"), b"1")
    assert caught.value.code == "storage-closed"
    assert os.listdir(tmp_path) == []


def test_close_waits_for_the_file_that_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    replace = os.replace

    def slow(source: str, target: str) -> None:
        reached.set()
        go_on.wait(10)
        replace(source, target)

    monkeypatch.setattr("imgflow.storage.local.os.replace", slow)
    storage = LocalStorage()
    writer = threading.Thread(target=storage.write, args=(str(tmp_path / "a"), b"1"))
    writer.start()
    reached.wait(10)
    closer = threading.Thread(target=storage.close)
    closer.start()
    assert closer.is_alive()
    go_on.set()
    closer.join(10)
    writer.join(10)
    assert os.listdir(tmp_path) == ["a"]


def stale_name(pid: int, machine: str | None = None) -> str:
    ours, _, token = temporary.temporary_name()[1:].split(".")[:3]
    return f".{machine or ours}.{pid}.{token}{temporary.SUFFIX}"


@pytest.fixture
def dead_pid() -> int:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return pid


def test_clears_what_a_killed_process_left(tmp_path: Path, dead_pid: int) -> None:
    (tmp_path / stale_name(dead_pid)).write_bytes(b"half")
    LocalStorage().write(str(tmp_path / "a"), b"1")
    assert os.listdir(tmp_path) == ["a"]


def test_leaves_the_files_of_the_living(tmp_path: Path) -> None:
    name = stale_name(os.getppid())
    (tmp_path / name).write_bytes(b"half")
    LocalStorage().write(str(tmp_path / "a"), b"1")
    assert sorted(os.listdir(tmp_path)) == sorted([name, "a"])


def test_leaves_the_young_files_of_other_machines(tmp_path: Path, dead_pid: int) -> None:
    young, old = stale_name(dead_pid, "elsewhere"), stale_name(dead_pid + 1, "elsewhere")
    for name in (young, old):
        (tmp_path / name).write_bytes(b"half")
    days_ago = time.time() - 200_000
    os.utime(tmp_path / old, (days_ago, days_ago))
    LocalStorage().write(str(tmp_path / "a"), b"1")
    assert sorted(os.listdir(tmp_path)) == sorted([young, "a"])


def test_leaves_other_hidden_files(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"")
    LocalStorage().write(str(tmp_path / "a"), b"1")
    assert sorted(os.listdir(tmp_path)) == [".gitignore", "a"]
