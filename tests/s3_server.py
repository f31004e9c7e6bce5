"""Real S3 servers that tests start, and a gate in front of them that can be strict or fail.

moto knows most of S3 and believes every signature; nanio knows less, keeps its objects on disk
and verifies signatures and expiry. Where one is missing its tests are skipped on a laptop, and
fail where CI is set.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import http.server
import importlib.util
import os
import signal
import socket
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

import pytest
from processes import descendants
from servers import PATIENCE, free_port

from imgflow.embedded.child import Child

KEY, SECRET = "imgflow-test-key", "imgflow-test-secret"
_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server", "content-length"}


def require(package: str) -> None:
    """Skip the test, or fail it in CI, if the package of a server is not installed."""
    if importlib.util.find_spec(package) is None:
        message = f"no {package} here"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


class S3Server:
    """A server in a process of its own, on loopback, that ends with the tests."""

    def __init__(self, package: str, folder: Path, *, port: int | None = None) -> None:
        require(package)
        self.port = port or free_port()
        self._package = package
        self._folder = folder
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start it, and wait until it answers; nanio has what it had before."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        if self._package == "nanio":
            # What it left unfinished when it was killed bars that key for ever (O_EXCL).
            for unfinished in (self._folder / "objects").rglob("*.json.tmp"):
                unfinished.unlink()
            where = ["serve", *where, "--data-dir", str(self._folder / "objects")]
        module = "moto.server" if self._package == "moto" else self._package
        keys = {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
        with (self._folder / f"{self._package}.log").open("ab") as log:
            self._child = Child(
                self._package,
                [sys.executable, "-W", "ignore", "-m", module, *where],
                environment={**os.environ, **keys},
                output=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._child.exit_code is None, f"{self._package} ended"
            assert time.monotonic() < deadline, f"{self._package} is mute"
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        if self._child is not None:
            self._child.ask_to_end()
            self._child.wait(5)
            self._child = None

    def kill(self) -> None:
        """End it as a crash does: SIGKILL."""
        assert self._child is not None
        for pid in descendants(self._child._process.pid):  # noqa: SLF001 - below its leash
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._child.wait(PATIENCE)
        self._child = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Request(NamedTuple):
    """What came to the gate; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def bucket(self) -> str:
        return unquote(self.path.split("?")[0]).split("/")[1]


class Answer(NamedTuple):
    """What goes back."""

    status: int
    headers: dict[str, str]
    body: bytes


#: Does something to a request: an answer of its own, None to hand it on, or an exception.
Rule = Callable[[Request], Answer | None]


class CutError(Exception):
    """The connection is to be reset, after so many bytes of the answer."""

    def __init__(self, after: int = -1) -> None:
        self.after = after


class Gate(http.server.ThreadingHTTPServer):
    """Hands requests on to a server, remembers them, and fails as it is told.

    ``rules`` are asked in turn; ``changes`` are made to answers. Checksums of what is put are
    verified, as S3 does. Buckets in ``regions`` answer to their region only.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = port
        self.requests: list[Request] = []
        self.rules: list[Rule] = [self.check_region, check_sums]
        self.changes: list[Callable[[Request, Answer], Answer]] = []
        self.regions: dict[str, str] = {}
        self.malformed = False
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def said(self) -> list[str]:
        """The requests so far in short: method and path."""
        return [f"{request.method} {request.path}" for request in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join(PATIENCE)
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what some tests are about."""

    def fail(self, status: int, code: str, *, times: int = 1, method: str = "") -> None:
        """Answer the next requests with an error, without handing them on."""
        left = iter(range(times))

        def rule(request: Request) -> Answer | None:
            wanted = not method or request.method == method
            return error(status, code) if wanted and next(left, None) is not None else None

        self.rules.append(rule)

    def cut(self, after: int = -1, *, times: int = 1, method: str = "GET") -> None:
        """Reset the next connections after so many bytes of the answer's body, -1 for none."""
        left = iter(range(times))

        def change(request: Request, answer: Answer) -> Answer:
            if request.method == method and next(left, None) is not None:
                self.truncated = answer
                raise CutError(after)
            return answer

        self.changes.append(change)

    def check_region(self, request: Request) -> Answer | None:
        """Redirect a request that was signed for another region than that of its bucket."""
        region = self.regions.get(request.bucket)
        scope = request.headers.get("authorization", "") or unquote(request.path)
        if region is None or f"/{region}/s3/" in scope:
            return None
        told = {"x-amz-bucket-region": region}
        if self.malformed and request.method != "HEAD":
            return error(400, "AuthorizationHeaderMalformed", {}, f"<Region>{region}</Region>")
        return error(301, "PermanentRedirect", told)

    def answer(self, request: Request) -> Answer:
        """Ask the rules, then the server behind."""
        self.requests.append(request)
        for rule in self.rules:
            if (found := rule(request)) is not None:
                return found
        answer = self._hand_on(request)
        for change in self.changes:
            answer = change(request, answer)
        return answer

    def _hand_on(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=PATIENCE)
        try:
            connection.putrequest(
                request.method, request.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in request.headers.items():
                if name not in {"connection", "expect", "transfer-encoding", "content-length"}:
                    connection.putheader(name, value)
            if request.body or request.method in {"PUT", "POST"}:
                connection.putheader("content-length", str(len(request.body)))
            connection.endheaders(request.body or None)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            length = headers.get("content-length", "0") if request.method == "HEAD" else ""
            body = response.read()
        finally:
            connection.close()
        kept = {name: value for name, value in headers.items() if name not in _HOP}
        if length:
            kept["content-length"] = length
        if "x-amz-bucket-region" in kept and request.bucket in self.regions:
            kept["x-amz-bucket-region"] = self.regions[request.bucket]
        return Answer(response.status, kept, body)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        cut = None
        try:
            answer = self.server.answer(Request(self.command, self.path, headers, body))
        except CutError as told:
            cut, answer = told.after, self.server.truncated
        if cut is not None and cut < 0:
            self._reset()
            return
        self.send_response_only(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[:cut] if self.command != "HEAD" else b"")
        if cut is not None:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _serve  # noqa: N815

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def error(status: int, code: str, headers: dict[str, str] | None = None, more: str = "") -> Answer:
    """Return an error as S3 writes it."""
    body = f"<Error><Code>{code}</Code><Message>Oh.</Message>{more}</Error>"
    return Answer(status, {"content-type": "application/xml", **(headers or {})}, body.encode())


def check_sums(request: Request) -> Answer | None:
    """Refuse a body that is not what its checksum says."""
    sums: dict[str, Callable[[bytes], Any]] = {
        "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
        "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
        "content-md5": lambda body: hashlib.md5(body).digest(),  # noqa: S324
    }
    for name, digest in sums.items():
        told = request.headers.get(name)
        if (
            request.method == "PUT"
            and told
            and base64.b64encode(digest(request.body)).decode() != told
        ):
            return error(400, "BadDigest")
    return None
