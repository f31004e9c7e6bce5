"""What a search works with and what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.nature import Nature
    from imgflow.notes import Note
    from imgflow.quality.subject import Subject


class Press(Protocol):
    """Makes files of one picture; metadata and profile are its concern."""

    def draft(self, encoder: Encoder) -> bytes:
        """Return a file that shows what the encoder makes of the picture."""
        ...

    def finish(self, encoder: Encoder, draft: bytes) -> bytes:
        """Return the file to write, of a draft by the same encoder."""
        ...


class Found(NamedTuple):
    """A file, the plain encoder that made it, its score if it was judged, encodes made for it."""

    data: bytes
    encoder: Encoder
    score: float | None = None
    encodes: int = 1
    notes: tuple[Note, ...] = ()


class Tried(NamedTuple):
    """A draft, its score, and the encoder that made it."""

    quality: int
    score: float
    data: bytes
    encoder: Encoder


class Order(NamedTuple):
    """A picture, the encoder whose goal and size are to be met, and what makes its files."""

    subject: Subject
    encoder: Encoder
    nature: Nature
    press: Press

    def make(self, encoder: Encoder) -> Found:
        """Return the file of a plain encoder, not judged."""
        return Found(self.press.finish(encoder, self.press.draft(encoder)), encoder)

    def finish(self, tried: Tried) -> Found:
        """Return the file of a draft."""
        data = self.press.finish(tried.encoder, tried.data)
        return Found(data, tried.encoder, tried.score)

    def judged(self, found: Found) -> Found:
        """Return a file with its score."""
        if found.score is not None:
            return found
        return found._replace(score=self.subject.score(found.data))
