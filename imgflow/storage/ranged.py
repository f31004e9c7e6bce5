"""An object of which only the parts that are looked at are fetched, each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Bytes of the first request, enough for most headers, and of the largest one.
FIRST, LARGEST = 16_384, 1_048_576


class Ranged:
    """The parts of an object, by requests that grow as long as they go straight on.

    ``fetch(offset, length)`` gets a part, ``stream()`` all of it; ``first`` is how it begins.
    """

    def __init__(
        self,
        size: int,
        first: bytes,
        fetch: Callable[[int, int], bytes],
        stream: Callable[[], Iterable[bytes]],
    ) -> None:
        """Keep what is known of it."""
        self.size = size
        self._fetch = fetch
        self._stream = stream
        self._pieces = [_Piece(0, first)]

    def __iter__(self) -> Iterator[bytes]:
        """Yield the whole, by one request."""
        yield from self._stream()

    def read_at(self, offset: int, length: int) -> bytes:
        """Return at most ``length`` bytes from an offset; none only at the end."""
        if offset >= self.size or length < 1:
            return b""
        for piece in self._pieces:
            if piece.start <= offset < piece.stop:
                return piece.data[offset - piece.start :][:length]
        piece = _Piece(offset, self._fetch(offset, self._span(offset, length)))
        self._pieces.append(piece)
        return piece.data[:length]

    def _span(self, offset: int, length: int) -> int:
        """Return how much to fetch: twice the last piece if this one follows it."""
        last = self._pieces[-1]
        span = 2 * len(last.data) if last.stop == offset else FIRST
        return min(max(span, min(length, LARGEST)), LARGEST, self.size - offset)


class _Piece(NamedTuple):
    start: int
    data: bytes

    @property
    def stop(self) -> int:
        return self.start + len(self.data)
