"""The web as a storage: read only, whole or in parts, within what is allowed."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

import pytest
import samples
import web

from imgflow.errors import ImgflowError, SourceError, StorageError
from imgflow.guard import Allowed, Bounds, Client
from imgflow.inspection import inspect
from imgflow.storage import Entry, RoutedStorage, WebStorage, open_storages
from imgflow.storage import web as module

DATA = os.urandom(300_000)
DAY = "Sun, 22 Nov 2026 15:41:55 GMT"


def storage(site: web.Site, **bounds: int) -> WebStorage:
    return WebStorage(Client(Allowed([f"{site.url}/"]), bounds=Bounds(**bounds)))


def serving(data: bytes = DATA, etag: str = '"1"') -> web.Behaviour:
    """Serve one file, and ranges of it."""

    def answer(request: web.Request, _: object) -> web.Answer:
        if request.path != "/a%20b.jpg?x=1":
            return web.Answer(404)
        headers = {"ETag": etag, "Last-Modified": DAY}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if not wanted or request.headers.get("if-range", etag) != etag:
            return web.Answer(200, data, headers)
        if int(wanted[1]) >= len(data):
            return web.Answer(416, b"", headers)
        part = data[int(wanted[1]) : int(wanted[2]) + 1]
        headers["Content-Range"] = f"bytes {wanted[1]}-{wanted[2]}/{len(data)}"
        return web.Answer(206, part, headers)

    return answer


def test_read() -> None:
    with web.serve(serving()) as site:
        uri = f"{site.url}/a%20b.jpg?x=1"
        source = storage(site).read(uri)
        assert (source.name, source.data) == (uri, DATA)
        assert len(site.requests) == 1


def test_large_files_are_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_IN_MEMORY", 1000)
    with web.serve(serving()) as site:
        source = storage(site).read(f"{site.url}/a%20b.jpg?x=1")
        assert source.data is None
        assert source.read() == DATA
        assert len(site.requests) == 1


def test_stat() -> None:
    with web.serve(serving()) as site:
        entry = storage(site).stat(f"{site.url}/a%20b.jpg?x=1")
        assert entry is not None
        moment = datetime(2026, 11, 22, 15, 41, 55, tzinfo=UTC)
        assert entry == Entry(entry.uri, len(DATA), "1", moment)
        assert storage(site).stat(f"{site.url}/gone.jpg") is None


def test_locate() -> None:
    with web.serve(serving()) as site:
        source = storage(site).locate(f"{site.url}/a%20b.jpg?x=1")
        assert source.size == len(DATA)
        assert len(site.requests) == 1
        with source.view() as view:
            assert view[100_000:100_010] == DATA[100_000:100_010]
        assert len(site.requests) == 2
        assert source.read() == DATA
        assert site.requests[1].headers["if-range"] == '"1"'


def test_a_header_costs_a_few_kilobytes() -> None:
    image = samples.encoded(samples.cat(), "JPEG") + bytes(3_000_000)
    with web.serve(serving(image)) as site:
        info = inspect(storage(site).locate(f"{site.url}/a%20b.jpg?x=1"))
        assert (info.width, info.height, info.bytes) == (451, 300, len(image))
        assert len(site.requests) == 1


def test_servers_without_ranges() -> None:
    with web.serve(lambda *_: web.Answer(200, DATA)) as site:
        source = storage(site).locate(f"{site.url}/a.jpg")
        assert source.read() == DATA
        entry = storage(site).stat(f"{site.url}/a.jpg")
        assert entry is not None
        assert entry == Entry(entry.uri, len(DATA))


def test_a_file_that_is_replaced_while_it_is_looked_at() -> None:
    with web.serve(serving()) as site:
        source = storage(site).locate(f"{site.url}/a%20b.jpg?x=1")
        site.behaviour = serving(etag='"2"')
        with pytest.raises(StorageError) as caught, source.view() as view:
            view[100_000:100_010]
        assert (caught.value.code, caught.value.retryable) == ("object-changed", True)


def test_empty_files() -> None:
    with web.serve(serving(b"")) as site:
        uri = f"{site.url}/a%20b.jpg?x=1"
        assert storage(site).locate(uri).read() == b""
        assert storage(site).read(uri).read() == b""
        entry = storage(site).stat(uri)
        assert entry is not None
        assert entry.size == 0


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (404, "source-missing", False),
        (410, "source-missing", False),
        (401, "access-denied", False),
        (403, "access-denied", False),
        (418, "request-refused", False),
        (429, "storage-busy", True),
        (500, "storage-busy", True),
        (503, "storage-busy", True),
        (206, "request-refused", False),
    ],
)
def test_refusals(status: int, code: str, *, retryable: bool) -> None:
    with web.serve(lambda *_: web.Answer(status)) as site:
        with pytest.raises(ImgflowError, match=f"{site.url}/a.jpg") as caught:
            storage(site).read(f"{site.url}/a.jpg")
        assert (caught.value.code, caught.value.retryable) == (code, retryable)
        assert isinstance(caught.value, SourceError) == (code == "source-missing")


def test_read_only() -> None:
    files = WebStorage(Client(Allowed(["https://"])))
    uri = "https://example.com/a.jpg"
    for call in (
        lambda: files.write(uri, b"1"),
        lambda: files.delete(uri),
        lambda: files.copy(uri, uri),
        lambda: files.list(uri),
        lambda: files.presign(uri),
    ):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code in {"read-only", "not-supported"}
        assert not caught.value.retryable


def test_bounds_and_the_allow_list_hold() -> None:
    with web.serve(serving()) as site:
        uri = f"{site.url}/a%20b.jpg?x=1"
        with pytest.raises(StorageError) as caught:
            storage(site, bytes=1000).read(uri)
        assert caught.value.code == "response-too-large"
        site.requests.clear()
        everything: RoutedStorage = open_storages()
        for look in (everything.read, everything.locate, everything.stat):
            with pytest.raises(StorageError) as caught:
                look(uri)
            assert caught.value.code == "not-allowed"
        assert site.requests == []
