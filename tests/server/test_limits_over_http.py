import json
import socket

import pytest
from endpoint import Endpoint, serving

from imgflow.server import bodies, connection
from imgflow.server.connection import Connection

JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp"}
HEAD = b"POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def talk(endpoint: Endpoint, *parts: bytes) -> bytes:
    """Send bytes as they are, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=30) as line:
        for part in parts:
            line.sendall(part)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_a_body_of_just_a_mebibyte(endpoint: Endpoint) -> None:
    body = json.dumps(JOB).encode().ljust(1 << 20)
    assert endpoint.post("/jobs", body).status_code == 202


def test_a_body_that_says_it_is_too_long_is_not_read(endpoint: Endpoint) -> None:
    found = talk(endpoint, HEAD + b"Content-Length: 1073741824\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in found
    assert json.loads(found.partition(b"\r\n\r\n")[2])["code"] == "body-too-large"


def test_a_body_of_unsaid_length_is_read_as_far_as_it_may_be(endpoint: Endpoint) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    found = talk(endpoint, head, *[chunk] * 17, b"0\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 413 ")


def test_a_body_without_end_is_not_listened_to(endpoint: Endpoint) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=30) as line:
        line.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            line.sendall(chunk * 10_000)


def test_a_body_that_does_not_come(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.2)
    found = talk(endpoint, HEAD + b"Content-Length: 100\r\n\r\n{")
    assert found.startswith(b"HTTP/1.1 408 ")
    assert json.loads(found.partition(b"\r\n\r\n")[2])["code"] == "too-slow"


@pytest.mark.parametrize("head", [b"", b"GET /livez HTTP/1.1\r\nHost: loc"])
def test_a_head_that_does_not_come(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    found = talk(endpoint, head)
    assert found.startswith(b"HTTP/1.1 408 ")
    assert b"Content-Type: application/problem+json" in found


def test_the_next_head_on_a_connection_does_not_come(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.3)
    found = talk(endpoint, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /li")
    assert found.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in found


@pytest.mark.parametrize("text", [b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01\r\n\r\n", b"\0" * 70_000])
def test_what_is_no_http(endpoint: Endpoint, text: bytes) -> None:
    found = talk(endpoint, text)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert json.loads(found.partition(b"\r\n\r\n")[2])["code"] == "bad-request"


def test_slow_clients_do_not_keep_others_waiting(endpoint: Endpoint) -> None:
    lines = [socket.create_connection(("127.0.0.1", endpoint.port)) for _ in range(200)]
    try:
        for line in lines:
            line.sendall(b"POST /jobs HTTP/1.1\r\nX-Slow: ")
        assert endpoint.post("/jobs", JOB).status_code == 202
    finally:
        for line in lines:
            line.close()


def test_there_are_only_so_many_connections(
    one_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "_most", 3)
    with serving(one_redis_url) as endpoint:
        lines = [socket.create_connection(("127.0.0.1", endpoint.port)) for _ in range(3)]
        for line in lines:
            line.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        found = talk(endpoint, b"")
        assert found.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: " in found
        for line in lines:
            line.close()


def test_a_pipelined_request_is_answered_too(endpoint: Endpoint) -> None:
    one = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    found = talk(endpoint, one + one + last)
    assert found.count(b"HTTP/1.1 200 ") == 3
