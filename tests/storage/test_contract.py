"""What every storage does, on each of them."""

from __future__ import annotations

import threading

import pytest
from s3_homes import Home

from imgflow.errors import SourceError, StorageError
from imgflow.storage import Entry, LocalStorage, MemoryStorage, Properties

NAMES = [
    "a.jpg",
    "a b.jpg",
    "deep/er/a.jpg",
    "ünï/日本/😀.jpg",
    "a#b.jpg",
    "a?b=c.jpg",
    "a%20b.jpg",
    "a+b.jpg",
    "~a'(1)*!.jpg",
    "&=;:,@$.jpg",
    "a.jpg?versionId=7?versionId=",
]


def names(entries: object, root: str) -> list[str]:
    assert not isinstance(entries, list), "entries come one after the other"
    return [entry.uri.removeprefix(f"{root}/") for entry in entries]  # type: ignore[attr-defined]


def test_what_is_written_is_there_under_exactly_its_name(home: Home) -> None:
    possible = [name for name in NAMES if home.may_have(name)]
    for name in possible:
        uri, data = home.uri(name), f"content of {name}".encode()
        written = home.storage.write(uri, data)
        assert (written.uri, written.size) == (uri, len(data))
        assert home.storage.read(uri).read() == data
        assert home.storage.read(uri).name == uri
        entry = home.storage.stat(uri)
        assert entry is not None
        assert (entry.uri, entry.size, entry.etag) == (uri, len(data), written.etag)
        assert entry.modified is not None
        assert entry.modified.utcoffset() is not None
    assert sorted(names(home.storage.list(home.root), home.root)) == sorted(possible)


def test_nothing_there(home: Home) -> None:
    uri = home.uri("gone.jpg")
    assert home.storage.stat(uri) is None
    for look in (home.storage.read, home.storage.locate):
        with pytest.raises(SourceError) as caught:
            look(uri)
        assert (caught.value.code, caught.value.retryable) == ("source-missing", False)
        assert caught.value.message == f"{uri}: expected an image file, found nothing there"
    home.storage.delete(uri)
    with pytest.raises(SourceError):
        home.storage.copy(uri, home.uri("copy.jpg"))
    assert names(home.storage.list(home.root), home.root) == []


@pytest.mark.parametrize("size", [0, 1, 70_000, 300_000])
def test_sources_tell_the_same_however_they_are_opened(home: Home, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    uri = home.uri("a.bin")
    home.storage.write(uri, data)
    for source in (home.storage.read(uri), home.storage.locate(uri)):
        assert source.size == size
        assert source.head(64) == data[:64]
        assert source.read() == data
        with source.open() as file:
            file.seek(size // 2)
            assert file.read(10) == data[size // 2 : size // 2 + 10]
            file.seek(-min(7, size), 2)
            assert file.read() == data[-7:]
        with source.view() as view:
            assert len(view) == size
            assert view[size // 3 : size // 3 + 5] == data[size // 3 : size // 3 + 5]
    assert home.storage.locate(uri).digest == home.storage.read(uri).digest


def test_replaced(home: Home) -> None:
    uri = home.uri("a.jpg")
    home.storage.write(uri, b"old")
    home.storage.write(uri, b"newer")
    assert home.storage.read(uri).read() == b"newer"


def test_deleted(home: Home) -> None:
    uri = home.uri("a.jpg")
    home.storage.write(uri, b"1")
    home.storage.delete(uri)
    home.storage.delete(uri)
    assert home.storage.stat(uri) is None


def test_copied(home: Home) -> None:
    source, target = home.uri("a b#?.jpg"), home.uri("c/d.jpg")
    home.storage.write(source, b"1234")
    assert home.storage.copy(source, target)[:2] == (target, 4)
    assert home.storage.read(target).read() == b"1234"
    assert home.storage.read(source).read() == b"1234"


def test_folders_are_listed_at_any_depth_and_no_others(home: Home) -> None:
    for name in ("a/2.jpg", "a/1.jpg", "a/b/3.jpg", "a2/4.jpg", "a.jpg"):
        home.storage.write(home.uri(name), b"1")
    expected = ["1.jpg", "2.jpg", "b/3.jpg"]
    for folder in (home.uri("a"), home.uri("a/")):
        assert names(home.storage.list(folder), home.uri("a")) == expected
    assert names(home.storage.list(home.root, "a/b"), home.root) == ["a/b/3.jpg"]
    assert names(home.storage.list(home.root, "a2"), home.root) == ["a2/4.jpg"]
    assert names(home.storage.list(home.uri("nothing")), home.root) == []
    assert len(names(home.storage.list(home.root), home.root)) == 5


def test_if_absent(home: Home) -> None:
    if home.strict:
        pytest.skip("the strict server writes unconditionally")
    uri, once = home.uri("a.jpg"), Properties(if_absent=True)
    first = home.storage.write(uri, b"the same", once)
    again = home.storage.write(uri, b"the same", once)
    assert (again.uri, again.size, again.etag) == (first.uri, first.size, first.etag)
    for other in (b"another!", b"longer than that"):
        with pytest.raises(StorageError, match="which is kept") as caught:
            home.storage.write(uri, other, once)
        assert (caught.value.code, caught.value.retryable) == ("object-differs", False)
    assert home.storage.read(uri).read() == b"the same"


def test_if_absent_has_one_winner(home: Home) -> None:
    if home.strict:
        pytest.skip("the strict server writes unconditionally")
    uri, told = home.uri("a.jpg"), list[str]()

    def write(content: bytes) -> None:
        try:
            home.storage.write(uri, content, Properties(if_absent=True))
        except StorageError as error:
            told.append(error.code)

    contents = [b"%d" % number * 1000 for number in range(4)]
    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["object-differs"] * 3
    assert home.storage.read(uri).read() in contents


def test_mapped_files_can_be_written(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("map") / "a.bin"
    file.write_bytes(b"mapped" * 1000)
    with LocalStorage().locate(str(file)).view() as view:
        home.storage.write(home.uri("a.bin"), view)  # type: ignore[arg-type]
    assert home.storage.read(home.uri("a.bin")).read() == b"mapped" * 1000


def test_presigned_urls_or_a_clear_refusal(home: Home) -> None:
    home.storage.write(home.uri("a.jpg"), b"1")
    if home.root.startswith("s3:"):
        told = home.storage.presign(home.uri("a.jpg"), expires=60)
        assert told.method == "GET"
        assert "a.jpg" in told.url
        return
    with pytest.raises(StorageError) as caught:
        home.storage.presign(home.uri("a.jpg"))
    assert (caught.value.code, caught.value.retryable) == ("not-supported", False)


def test_entries_are_tuples_that_begin_with_uri_and_size() -> None:
    storage = MemoryStorage()
    assert storage.write("memory://a", b"123")[:2] == ("memory://a", 3)
    assert Entry("a", 1) == ("a", 1, "", None, "", False)
