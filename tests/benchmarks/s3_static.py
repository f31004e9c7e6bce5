"""A bucket that costs next to nothing: objects in memory, each request answered after a delay.

    python s3_static.py FOLDER SECONDS

It verifies nothing. ``GET /_told`` tells what it was asked: how often, when objects were put,
and the CPU time that it took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from hashlib import md5
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

TOLD = "/_told"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Bucket:
    """Objects by their keys, and a count of all requests."""

    def __init__(self, folder: Path, delay: float) -> None:
        self.delay = delay
        self.objects = {f"in/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
        self.tags = {key: md5(data).hexdigest() for key, data in self.objects.items()}  # noqa: S324
        self.counts: Counter[str] = Counter()
        self.puts: list[float] = []

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        parts = urlsplit(target)
        key = unquote(parts.path).partition("/")[2].partition("/")[2]
        if parts.path == TOLD:
            told = {"counts": self.counts, "puts": self.puts, "cpu": time.process_time()}
            self.counts, self.puts = Counter(), []
            return _answer(200, json.dumps(told).encode())
        self.counts[method if key else "LIST"] += 1
        if method == "PUT":
            self.puts.append(time.time())
            return _answer(200, b"", f'ETag: "{md5(body).hexdigest()}"')  # noqa: S324
        if not key:
            return self._listed(parse_qs(parts.query).get("prefix", [""])[0])
        data = self.objects.get(key)
        if data is None:
            return _answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return _answer(200, data, f'ETag: "{self.tags[key]}"')

    def _listed(self, prefix: str) -> bytes:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(data)}</Size>"
            f"<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key, data in self.objects.items()
            if key.startswith(prefix)
        )
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        return _answer(200, text.encode())


class Connection(asyncio.Protocol):
    """HTTP/1.1 as boto3 speaks it."""

    transport: asyncio.Transport

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._heard = bytearray()
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._heard[:end]).decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in head[1:])
            whole = end + 4 + int(fields.get("content-length", 0))
            if "expect" in fields and not self._greeted:
                self._greeted = True
                self.transport.write(_CONTINUE)
            if len(self._heard) < whole:
                return
            method, target, _ = head[0].split(" ")
            body = bytes(self._heard[end + 4 : whole])
            del self._heard[:whole]
            self._greeted = False
            answer = self._bucket.answer(method, target, body)
            delay = 0 if target == TOLD else self._bucket.delay
            asyncio.get_running_loop().call_later(delay, self.transport.write, answer)


def _answer(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def main(folder: Path, delay: float) -> None:
    """Serve until somebody ends it; the first line tells the port."""
    bucket = Bucket(folder, delay)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(bucket), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
