"""Climbing a ladder: one picture encoded at many qualities, and by the search for each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.encoders import ENCODERS
from imgflow.encoders.goals import LEVELS
from imgflow.errors import OperationError
from imgflow.finish import Encoded, encode
from imgflow.fitting import check, fit
from imgflow.image import broken, open_picture
from imgflow.ladder.formats import qualities_of, with_effort
from imgflow.ladder.rungs import Choice, Curve, Ladder, Rung
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.notes import Note
from imgflow.operations import apply_steps, largest_shrink, parse_steps
from imgflow.quality.easel import Easel
from imgflow.quality.search import SLACK
from imgflow.quality.verdict import judge
from imgflow.quality.weights import LEAST_SIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.encoders import Encoder
    from imgflow.encoders.goals import EffortWord
    from imgflow.frames import Picture
    from imgflow.geometry import Size
    from imgflow.quality.subject import Subject
    from imgflow.source import Source

_LOSSLESS = 100.0


class Climb:
    """Encodes one picture in several formats. Only the first frame counts, and no metadata.

    ``files`` is how many files will be made, those that the search tries not counted.
    """

    def __init__(
        self,
        source: Source,
        encoders: tuple[Encoder, ...],
        effort: EffortWord,
        *,
        width: int | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Decode the picture, and reduce it to a width if that is less than it has.

        Raises SourceError for what is no image, OperationError for one that is too small to be
        compared, EncodeError for a format that cannot hold it.
        """
        self._source, self._effort = source, effort
        whole, self._size = _open(source, width, limits)
        self._notes = _frame_notes(source, whole)
        self._easel = Easel(whole.replace(image=whole.frame(0), frames=1, delays=()))
        self._graphic = self._easel.nature.graphic
        png = with_effort(ENCODERS["png"], effort)
        names = {encoder.name() for encoder in encoders}
        self._encoders = (*encoders, png) if self._graphic and "png" not in names else encoders
        self._lossless = [png, *self._other_lossless()]
        for encoder in (*self._encoders, png):
            check(whole, encoder)
        curves = sum(len(qualities_of(one)) + len(LEVELS) for one in self._encoders)
        self.files = curves + len(self._lossless)

    def climb(self, told: Callable[[str], None]) -> Ladder:
        """Make all files; ``told`` is called before each with what it will be."""
        lossless = []
        for encoder in self._lossless:
            told(f"{encoder.name()} lossless")
            lossless.append(self._rung(encoder, self._encode(encoder), _LOSSLESS))
        curves = tuple(self._curve(encoder, told) for encoder in self._encoders)
        picture = self._easel.picture
        return Ladder(
            name=self._source.name,
            format=picture.origin.format,
            bytes=self._source.size,
            source=(self._size.width, self._size.height),
            width=picture.width,
            height=picture.height,
            graphic=self._graphic,
            effort=self._effort,
            curves=curves,
            lossless=tuple(lossless),
            notes=self._notes,
        )

    def _other_lossless(self) -> list[Encoder]:
        """Return WebP's lossless mode for graphics, which are best kept so."""
        ways = [one.lossless_way() for one in self._encoders if one.name() == "webp"]
        return [way for way in ways if way is not None and self._graphic]

    def _curve(self, encoder: Encoder, told: Callable[[str], None]) -> Curve:
        rungs, choices = [], list[Choice]()
        subject = self._subject(encoder)
        for quality in qualities_of(encoder):
            told(f"{encoder.name()} {quality}")
            plain = encoder.at(quality)
            made = self._encode(plain)
            rungs.append(self._rung(plain, made, subject.score(made.data)))
        for level, goal in LEVELS.items():
            told(f"{encoder.name()} {level.replace('-', ' ')}")
            choices.append(self._choice(encoder, level, goal, choices[-1] if choices else None))
        return Curve(format=encoder.name(), rungs=tuple(rungs), choices=tuple(choices))

    def _choice(self, encoder: Encoder, level: str, goal: float, below: Choice | None) -> Choice:
        """Search for a goal; what met a lower one without any loss serves for this one too."""
        if below and below.rung.score == _LOSSLESS:
            return msgspec.structs.replace(below, level=level, goal=goal, encodes=0)
        wanted: dict[str, Any] = {"quality": level}
        made = self._encode(msgspec.structs.replace(encoder, **wanted))
        score = _LOSSLESS if made.score is None else made.score
        rung = self._rung(made.encoder, made, score)
        return Choice(
            level=level,
            goal=goal,
            reached=score >= goal - SLACK,
            encodes=made.encodes,
            rung=rung,
        )

    def _encode(self, encoder: Encoder) -> Encoded:
        return encode(self._easel.picture, encoder, "none", "srgb", easel=self._easel)

    def _subject(self, encoder: Encoder) -> Subject:
        """Return the judge of one encoder's files: transparency may be laid on a colour there."""
        image, _ = fit(self._easel.picture, encoder, "srgb")
        return self._easel.subject(image, encoder, "srgb")

    def _rung(self, encoder: Encoder, made: Encoded, score: float) -> Rung:
        pixels = self._easel.picture.width * self._easel.picture.height
        keeps_all = score == _LOSSLESS
        return Rung(
            format=encoder.name(),
            quality="lossless" if keeps_all else made.findings["quality"],
            chroma="" if keeps_all else encoder.sampling,
            bytes=len(made.data),
            bits_per_pixel=round(len(made.data) * 8 / pixels, 4),
            score=round(score, 2),
            level=judge(score).level,
        )


def _open(source: Source, width: int | None, limits: Limits) -> tuple[Picture, Size]:
    """Return the pixels to encode, in sRGB, and the size of the source."""
    steps = parse_steps([{"op": "resize", "width": width, "enlarge": False}] if width else [])
    picture = open_picture(source, limits, shrink=lambda size: largest_shrink(size, steps))
    size = picture.size
    try:
        picture = apply_steps(picture, steps).srgb().random_access()
    except libvips().Error as error:
        raise broken(source, picture.origin.format, error) from error
    if min(picture.size) < LEAST_SIDE:
        message = (
            f"{source.name}: expected at least {LEAST_SIDE}x{LEAST_SIDE} pixels, below which "
            f"pictures cannot be compared, found {picture.width}x{picture.height}"
        )
        raise OperationError(message, code="too-small-to-compare")
    return picture, size


def _frame_notes(source: Source, picture: Picture) -> tuple[Note, ...]:
    if picture.frames == 1:
        return ()
    message = f"{source.name}: only the first of {picture.frames} frames was encoded"
    return (Note("warning", "first-frame-only", message, {"frames": picture.frames}),)
