"""What a ladder is made of: files of one picture, their sizes and scores."""

from __future__ import annotations

import msgspec

from imgflow.notes import Note


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One file: ``quality`` is a number or ``lossless``, ``chroma`` empty where that is moot."""

    format: str
    quality: int | str
    chroma: str
    bytes: int
    bits_per_pixel: float
    score: float
    level: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the search found for a level: ``reached`` tells whether its goal was met."""

    level: str
    goal: float
    reached: bool
    encodes: int
    rung: Rung


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One format: its rungs from the lowest quality, and the choice for each level."""

    format: str
    rungs: tuple[Rung, ...]
    choices: tuple[Choice, ...]

    def goals(self, rung: Rung) -> tuple[float, ...]:
        """Return the goals for which a rung was chosen."""
        return tuple(choice.goal for choice in self.choices if choice.rung == rung)

    def missed(self, rung: Rung) -> bool:
        """Tell whether a rung was chosen only because nothing in the format reaches a goal."""
        return any(choice.rung == rung and not choice.reached for choice in self.choices)

    @property
    def steps(self) -> tuple[Rung, ...]:
        """All rungs with the chosen ones among them, by size; each once."""
        chosen = (choice.rung for choice in self.choices)
        return tuple(sorted({*self.rungs, *chosen}, key=lambda rung: (rung.bytes, rung.score)))


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """Size against score for one picture.

    ``width`` and ``height`` are those of what was encoded, ``source`` those of the file.
    ``lossless`` are files that lose nothing.
    """

    name: str
    format: str
    bytes: int
    source: tuple[int, int]
    width: int
    height: int
    graphic: bool
    effort: str
    curves: tuple[Curve, ...]
    lossless: tuple[Rung, ...]
    notes: tuple[Note, ...] = ()

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Every file, once."""
        steps = (rung for curve in self.curves for rung in curve.steps)
        return tuple(dict.fromkeys((*steps, *self.lossless)))

    def ranked(self, goal: float) -> tuple[Rung, ...]:
        """Return the files that meet a goal, one a format, the smallest first."""
        chosen = [
            choice.rung
            for curve in self.curves
            for choice in curve.choices
            if choice.goal == goal and choice.reached
        ]
        known = {rung.format for rung in chosen}
        chosen += [rung for rung in self.lossless if rung.format not in known]
        return tuple(sorted(chosen, key=lambda rung: (rung.bytes, rung.format)))
