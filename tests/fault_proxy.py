"""A network that fails on command: a TCP proxy between a client and its server."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal, Self

from servers import PATIENCE, free_port

if TYPE_CHECKING:
    from collections.abc import Coroutine

Mode = Literal["pass", "refuse", "stall"]


class FaultProxy:
    """Hands on what goes between clients and the server at ``address``, or does not.

    ``mode`` is ``pass``, ``refuse`` (nobody listens, connections are reset) or ``stall``
    (connections stay, bytes are kept back until it passes again). ``latency`` is in seconds,
    each way. All of it may be changed from any thread, at any time.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self.port = free_port()
        self.latency = 0.0
        #: How many replies were thrown away.
        self.dropped = 0
        self._address = address
        self._mode: Mode = "pass"
        self._drops = _Drops()
        self._connections: set[asyncio.Task[Any] | None] = set()
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def url(self, credentials: str = "") -> str:
        """Return the URL to reach the server by; credentials as in ``:password@``."""
        return f"redis://{credentials}127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self._thread.start()
        self.set_mode("pass")
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    @property
    def mode(self) -> Mode:
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Change the mode; it holds for everything that follows this call."""
        self._call(self._change(mode))

    def cut(self) -> None:
        """Reset all connections there are."""
        self._call(self._reset())

    def drop_replies(
        self, times: int = 1, *, chance: float = 1.0, seed: int = 0, only: bytes = b""
    ) -> None:
        """Throw away the next replies: the server does as it was asked, the client gets a reset.

        ``times`` bounds how many (0 ends it); each is dropped by ``chance``; ``only`` takes
        only replies to requests that hold these bytes, ``b"EVALSHA"`` say.
        """
        self._drops = _Drops(times, chance, random.Random(seed), only)  # noqa: S311 - a fair test, no secret

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        done.result(PATIENCE)

    async def _change(self, mode: Mode) -> None:
        self._mode = mode
        (self._passing.clear if mode == "stall" else self._passing.set)()
        if mode == "refuse":
            await self._close()
        elif self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._reset()

    async def _reset(self) -> None:
        connections = [task for task in self._connections if task]
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(asyncio.current_task())
        writers = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._address)
            writers.append(far_writer)
            await _Wire(self, reader, writer, far_reader, far_writer).carry()
        except (OSError, asyncio.CancelledError):
            return
        finally:
            self._connections.discard(asyncio.current_task())
            for one in writers:
                _reset_at_once(one)

    async def hold(self) -> None:
        """Wait for as long as bytes are kept back."""
        await self._passing.wait()
        if self.latency:
            await asyncio.sleep(self.latency)

    def drops(self, request: bytes) -> bool:
        """Tell whether the reply to this request is thrown away, and count it."""
        dropping = self._drops.take(request)
        self.dropped += dropping
        return dropping


class _Drops:
    """Which replies are thrown away."""

    def __init__(
        self,
        times: int = 0,
        chance: float = 0.0,
        dice: random.Random | None = None,
        only: bytes = b"",
    ) -> None:
        self._left = times
        self._chance = chance
        self._dice = dice or random.Random(0)  # noqa: S311 - a fair test, no secret
        self._only = only

    def take(self, request: bytes) -> bool:
        if not self._left or self._only not in request or self._dice.random() >= self._chance:
            return False
        self._left -= 1
        return True


class _Wire:
    """One connection, both ways."""

    def __init__(
        self,
        proxy: FaultProxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._near = (reader, writer)
        self._far = (far_reader, far_writer)
        self._dropping = False

    async def carry(self) -> None:
        """Hand on until one side ends, or a reply is dropped."""
        ways = [asyncio.ensure_future(way) for way in (self._ask(), self._answer())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _ask(self) -> None:
        while data := await self._near[0].read(1 << 16):
            await self._proxy.hold()
            self._dropping = self._proxy.drops(data)
            self._far[1].write(data)
            await self._far[1].drain()

    async def _answer(self) -> None:
        while data := await self._far[0].read(1 << 16):
            if self._dropping:
                return
            await self._proxy.hold()
            self._near[1].write(data)
            await self._near[1].drain()


def _reset_at_once(writer: asyncio.StreamWriter) -> None:
    """Close without a farewell: what is on its way is lost, as with a broken network."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
