"""Server-sent events: one look at the queue serves all who listen."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import StreamingResponse

from imgflow.errors import ImgflowError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

#: Seconds after which a listener that has heard nothing is told that we are still here.
_KEEP_ALIVE = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Event(NamedTuple):
    """An event as it is sent; ``last`` if nothing comes after it."""

    text: bytes
    last: bool = False


def event(name: str, data: bytes, *, last: bool = False) -> Event:
    """Return an event of a name with JSON as its data; the last one has the id ``end``."""
    mark = b"id: end\n" if last else b""
    return Event(b"event: %s\n%sdata: %s\n\n" % (name.encode(), mark, data), last)


class Broadcast:
    """Looks at what somebody listens to, and tells those whom a change concerns.

    ``look`` returns the events of some subjects; it runs in a thread. A listener that is slow
    misses what is not the newest.
    """

    def __init__(
        self, look: Callable[[Sequence[str]], Mapping[str, Event]], seconds: float
    ) -> None:
        """Look every so many seconds, while there are listeners."""
        self._look = look
        self._seconds = seconds
        self._listeners: dict[str, set[asyncio.Queue[Event | None]]] = {}
        self._latest: dict[str, Event] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def response(self, subject: str) -> StreamingResponse:
        """Return a response that tells of a subject until it ends or the server does."""
        return StreamingResponse(
            self._listen(subject), media_type="text/event-stream", headers=_HEADERS
        )

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for listeners in self._listeners.values():
            for inbox in listeners:
                _put(inbox, None)
        if self._task is not None:
            self._task.cancel()

    async def _listen(self, subject: str) -> AsyncIterator[bytes]:
        inbox: asyncio.Queue[Event | None] = asyncio.Queue(1)
        self._listeners.setdefault(subject, set()).add(inbox)
        if subject in self._latest:
            _put(inbox, self._latest[subject])
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            yield b"retry: 2000\n\n"
            while not self._closed:
                try:
                    heard = await asyncio.wait_for(inbox.get(), _KEEP_ALIVE)
                except TimeoutError:
                    yield b": keep-alive\n\n"
                    continue
                if heard is None:
                    return
                yield heard.text
                if heard.last:
                    return
        finally:
            self._leave(subject, inbox)

    def _leave(self, subject: str, inbox: asyncio.Queue[Event | None]) -> None:
        listeners = self._listeners[subject]
        listeners.discard(inbox)
        if not listeners:
            del self._listeners[subject]
            self._latest.pop(subject, None)

    async def _watch(self) -> None:
        while self._listeners:
            with contextlib.suppress(ImgflowError):
                found = await asyncio.to_thread(self._look, list(self._listeners))
                for subject, heard in found.items():
                    self._tell(subject, heard)
            await asyncio.sleep(self._seconds)

    def _tell(self, subject: str, heard: Event) -> None:
        if subject in self._listeners and self._latest.get(subject) != heard:
            self._latest[subject] = heard
            for inbox in self._listeners[subject]:
                _put(inbox, heard)


def _put(inbox: asyncio.Queue[Event | None], heard: Event | None) -> None:
    """Replace what has not been fetched yet."""
    while not inbox.empty():
        inbox.get_nowait()
    inbox.put_nowait(heard)
