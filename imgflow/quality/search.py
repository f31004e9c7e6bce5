"""The search for a file that looks as good as asked, in as few bytes as that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from imgflow.notes import Note
from imgflow.quality.pursuit import Tried, pursue

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.nature import Nature
    from imgflow.quality.subject import Subject

#: A score may fall short of the goal by this, which nobody sees.
SLACK = 0.5
#: What is used where a picture is too small to be judged, and the format has no lossless mode.
_SAFE_QUALITY = 95


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


def seek(subject: Subject, encoder: Encoder, nature: Nature, press: Press) -> Found:
    """Return the smallest file that reaches the goal of an encoder."""
    goal = encoder.goal
    if goal is None or not subject.can_be_judged:
        plain = encoder if goal is None else encoder.lossless_way() or encoder.at(_SAFE_QUALITY)
        return Found(press.finish(plain, press.draft(plain)), plain)
    encodes, best = 0, None
    for way in encoder.ways(nature, goal):
        tries = pursue(subject, way, goal, press)
        encodes += len(tries)
        best = max(tries, key=lambda tried: (tried.score >= goal - SLACK, -len(tried.data)))
        if best.score >= goal - SLACK:
            return _found(best, press, encodes)
    if lossless := encoder.lossless_way():
        data = press.finish(lossless, press.draft(lossless))
        return Found(data, lossless, 100.0, encodes + 1)
    if best is None:
        return Found(press.finish(encoder, press.draft(encoder)), encoder, 100.0)
    message = f"{encoder.name()}: a score of {goal:g} cannot be reached, {best.score:.1f} was"
    note = Note("warning", "score-missed", message, {"goal": goal, "score": round(best.score, 2)})
    return _found(best, press, encodes)._replace(notes=(note,))


def _found(best: Tried, press: Press, encodes: int) -> Found:
    return Found(press.finish(best.encoder, best.data), best.encoder, best.score, encodes)
