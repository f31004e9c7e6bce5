"""The guarded client against a real server: what is allowed works, within bounds."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
import web

from imgflow.errors import StorageError
from imgflow.guard import Allowed, Bounds, Client
from imgflow.version import __version__


def client(site: web.Site, **bounds: float) -> Client:
    return Client(Allowed([f"{site.url}/"]), bounds=Bounds(**bounds))  # type: ignore[arg-type]


def fetch(site: web.Site, **bounds: float) -> bytes:
    with client(site, **bounds).get(f"{site.url}/") as response:
        return response.read()


def failure(site: web.Site, **bounds: float) -> str:
    with pytest.raises(StorageError) as caught:
        fetch(site, **bounds)
    assert str(site.port) in caught.value.message
    return caught.value.code


def test_get() -> None:
    with web.serve(lambda *_: web.Answer(200, b"x" * 200_000, {"X-Kind": "photo"})) as site:
        with client(site).get(f"{site.url}/a%20b.jpg?size=1#top") as response:
            assert response.status == 200
            assert response.headers["x-kind"] == "photo"
            assert response.read() == b"x" * 200_000
            assert response.url == f"{site.url}/a%20b.jpg?size=1"
        (request,) = site.requests
    assert request.path == "/a%20b.jpg?size=1"
    assert request.headers["host"] == f"127.0.0.1:{site.port}"
    assert request.headers["user-agent"] == f"imgflow/{__version__}"
    assert request.headers["accept-encoding"] == "identity"


def test_the_host_header_is_the_name_though_the_connection_is_to_the_address() -> None:
    with web.serve(lambda *_: web.Answer(200, b"here")) as site:
        url = f"http://photos:{site.port}/"
        asked = Client(Allowed([url]), resolver=lambda *_: ["127.0.0.2", "127.0.0.1"])
        with asked.get(url) as response:
            assert response.read() == b"here"
    assert site.requests[0].headers["host"] == f"photos:{site.port}"


def test_post() -> None:
    with web.serve(lambda *_: web.Answer(202, b"thanks")) as site:
        sent = {"Content-Type": "application/json"}
        with client(site).post(f"{site.url}/hook", b"{}", sent) as response:
            assert (response.status, response.read()) == (202, b"thanks")
    (request,) = site.requests
    assert (request.method, request.path, request.body) == ("POST", "/hook", b"{}")
    assert request.headers["content-type"] == "application/json"


def test_post_does_not_follow_redirects() -> None:
    with web.serve(lambda *_: web.Answer(307, headers={"Location": "/other"})) as site:
        with client(site).post(f"{site.url}/hook", b"{}", {}) as response:
            assert response.status == 307
        assert len(site.requests) == 1


def test_redirects_are_followed_where_they_are_allowed() -> None:
    def answer(request: web.Request, _: object) -> web.Answer:
        where = {"/": "/1", "/1": "two?x=%20", "/two?x=%20": f"{site.url}/\u00e4"}
        place = where.get(request.path, "")
        # The server of the standard library writes Latin-1, the client reads UTF-8 from it.
        headers = {"Location": place.encode().decode("latin-1")}
        return web.Answer(301, headers=headers) if place else web.Answer(200, b"end")

    with web.serve(answer) as site:
        assert fetch(site) == b"end"
        assert [request.path for request in site.requests][-1] == "/%C3%A4"


def test_redirects_without_end() -> None:
    with web.serve(lambda *_: web.Answer(302, headers={"Location": "/"})) as site:
        assert failure(site, redirects=3) == "too-many-redirects"
        assert len(site.requests) == 4


def test_statuses_are_the_callers_business() -> None:
    with (
        web.serve(lambda *_: web.Answer(404, b"no")) as site,
        client(site).get(site.url) as response,
    ):
        assert (response.status, response.read()) == (404, b"no")


@pytest.mark.parametrize("announced", [True, False])
def test_too_long(announced: bool) -> None:
    def answer(_: web.Request, handler: http.server.BaseHTTPRequestHandler) -> web.Answer | None:
        if announced:
            return web.Answer(200, b"x" * 1001)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        handler.wfile.write(b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n")
        return None

    with web.serve(answer) as site:
        assert failure(site, bytes=1000) == "response-too-large"
        assert len(fetch(site, bytes=1001)) == 1001


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "response-cut-off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf", "response-failed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "response-failed"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "response-failed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "response-failed"),
        (b"", "response-failed"),
    ],
)
def test_broken_answers(head: bytes, code: str) -> None:
    def answer(_: web.Request, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)

    with web.serve(answer) as site:
        assert failure(site) == code


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_silence(start: bytes) -> None:
    done = threading.Event()

    def answer(_: web.Request, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        done.wait(60)

    with web.serve(answer) as site:
        assert failure(site, silence=0.1) == "response-late"
        done.set()


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_dripping(start: bytes) -> None:
    done = threading.Event()

    def answer(_: web.Request, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        while not done.wait(0.02):
            handler.wfile.write(b"x")

    with web.serve(answer) as site:
        assert failure(site, silence=30, total=0.3) == "response-late"
        done.set()


def test_nobody_there() -> None:
    with web.serve(lambda *_: web.Answer()) as site:
        pass
    with pytest.raises(
        StorageError, match="expected an answer, found Connection refused"
    ) as caught:
        fetch(site)
    assert caught.value.retryable


def test_unknown_hosts_may_be_known_later() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(StorageError) as caught:
        Client(Allowed(["https://"]), resolver=resolver).get("https://no.example/")
    assert (caught.value.code, caught.value.retryable) == ("host-unknown", True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for photos.example, signed by itself, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    file = folder / "certificate.pem"
    key = folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=photos.example", "-addext", "subjectAltName=DNS:photos.example"]
    subprocess.run([*command, "-keyout", key, "-out", file], check=True, capture_output=True)
    file.write_text(file.read_text() + key.read_text())
    return file


@pytest.mark.parametrize("name", ["photos.example", "other.example"])
def test_tls_asks_for_the_name_though_the_connection_is_to_the_address(
    name: str, certificate: Path
) -> None:
    asked: list[str | None] = []
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate)
    serving.sni_callback = lambda _socket, found, _context: asked.append(found)
    with web.serve(lambda *_: web.Answer(200, b"x" * 100_000)) as site:
        site.socket = serving.wrap_socket(site.socket, server_side=True)
        url = f"https://{name}:{site.port}/"
        secure = Client(
            Allowed([f"private+{url}"]),
            resolver=lambda *_: ["127.0.0.1"],
            context=ssl.create_default_context(cafile=str(certificate)),
        )
        if name == "photos.example":
            with secure.get(url) as response:
                assert len(response.read()) == 100_000
            assert site.requests[0].headers["host"] == f"{name}:{site.port}"
        else:
            with pytest.raises(StorageError) as caught:
                secure.get(url)
            assert caught.value.code == "tls-failed"
            assert site.requests == []
    assert asked == [name]


def test_certificates_of_strangers_are_refused(certificate: Path) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate)
    with web.serve(lambda *_: web.Answer()) as site:
        site.socket = serving.wrap_socket(site.socket, server_side=True)
        with pytest.raises(StorageError, match="CERTIFICATE_VERIFY_FAILED"):
            Client(Allowed([f"https://127.0.0.1:{site.port}/"])).get(
                f"https://127.0.0.1:{site.port}/"
            )
