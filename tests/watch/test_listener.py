"""Changes in real folders; and systems that refuse to tell of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import watchfiles._rust_notify as rust
from command import wait_for

from imgflow.errors import StorageError
from imgflow.watch.ears import Ears
from imgflow.watch.listener import Listener
from imgflow.watch.scene import Scene


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener({os.path.realpath(tmp_path): {str(tmp_path), "/by/another/name"}})
    yield listener
    listener.close()


def hears(listener: Listener, path: str) -> None:
    wait_for(lambda: path in listener.wait(0.05))


def test_hears_of_files(heard: Listener, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    hears(heard, str(tmp_path / "a"))
    (tmp_path / "a").rename(tmp_path / "b")
    hears(heard, str(tmp_path / "b"))
    (tmp_path / "b").unlink()
    hears(heard, "/by/another/name/b")
    assert heard.wait(0.01) <= {f"{tmp_path}/b", "/by/another/name/b"}


def test_hears_that_its_folder_is_gone(heard: Listener, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)
    hears(heard, str(tmp_path))


@pytest.mark.parametrize(
    "error", [OSError("OS file watch limit reached"), rust.WatchfilesRustInternalError("no more")]
)
def test_a_system_that_refuses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(rust, "RustNotify", refuse)
    with pytest.raises(StorageError, match=r"1 folder cannot be watched: .*max_user_watches") as it:
        Listener({str(tmp_path): {str(tmp_path)}})
    assert it.value.code == "watch-failed"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Listener({str(tmp_path / "none"): {str(tmp_path / "none")}})


def test_an_ear_for_other_folders(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    ears = Ears()
    scene = Scene(named=frozenset({str(one / "a.jpg")}))
    try:
        assert ears.listen(scene)
        assert not ears.listen(scene)
        assert ears.listen(scene, anew=True)
        assert set(ears.names) >= {str(one), str(tmp_path)}
        two.mkdir()
        assert ears.listen(Scene(named=frozenset({str(two / "a.jpg")})))
        (two / "a.jpg").write_text("new")
        wait_for(lambda: f"{two}/a.jpg" in (ears.wait(0.05) or ()))
    finally:
        ears.close()


def test_a_name_that_is_no_text_is_survived(tmp_path: Path) -> None:
    scene = Scene(named=frozenset({str(tmp_path / "a.jpg")}))
    ears = Ears()
    try:
        ears.listen(scene)
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))).write_text("1")
        wait_for(lambda: ears.wait(0.05) is None)
        assert ears.listen(scene, anew=True)
        (tmp_path / "a.jpg").write_text("1")
        wait_for(lambda: f"{tmp_path}/a.jpg" in (ears.wait(0.05) or ()))
    finally:
        ears.close()


def test_a_system_that_tells_nothing_any_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Broken:
        def __init__(self, *_: object) -> None: ...

        def watch(self, *_: object) -> None:
            message = "no more"
            raise rust.WatchfilesRustInternalError(message)

        def close(self) -> None: ...

    monkeypatch.setattr(rust, "RustNotify", Broken)
    scene, ears = Scene(named=frozenset({str(tmp_path / "a.jpg")})), Ears()

    def listen() -> None:
        for _ in range(100):
            ears.listen(scene, anew=True)
            assert ears.wait(10) is None

    try:
        with pytest.raises(StorageError, match="cannot be watched: no more"):
            listen()
    finally:
        ears.close()
