"""One output of a job, for one source: what its steps come to, and how it is encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.encoders import FORMATS, encoder_for, parse_encoder
from imgflow.operations import (
    chain_encoder,
    chain_optimize,
    effective_steps,
    outline_steps,
    parse_steps,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgflow.encoders import Encoder
    from imgflow.geometry import Size
    from imgflow.job import Output
    from imgflow.operations import Operation
    from imgflow.repack import Thrift

#: What stands for the format of the source, in the place of a format's name.
ORIGINAL = "original"
#: From this share of a picture's width on, a smaller copy is not worth a file of its own.
_CLOSE = 0.8


class Target(NamedTuple):
    """An output, its own steps without those that are idle for the source, its encoder.

    ``asked`` is the encoder that the recipe asks for; it differs from ``encoder`` once ``auto``
    has come to a format. ``thrift`` is what ``optimize`` asks of the file, if it does.
    """

    output: Output
    steps: tuple[Operation, ...]
    encoder: Encoder
    asked: Encoder
    thrift: Thrift | None = None

    def settled(self, encoder: Encoder) -> Target:
        """Return the target with the encoder that its file was made by."""
        return self._replace(encoder=encoder)

    def outlines(self) -> tuple[Target, ...]:
        """Return the targets that this one may come to: one for each format."""
        return tuple(self.settled(encoder) for encoder in self.encoder.outlines())


def take_aim(
    outputs: Iterable[Output], shared: tuple[Operation, ...], size: Size | None, origin: str
) -> list[Target]:
    """Return the targets of all outputs that are worth making, as :func:`aim` does of each."""
    return [aim(output, shared, size, origin) for output in outputs if not _is_idle(output, size)]


def aim(output: Output, shared: tuple[Operation, ...], size: Size | None, origin: str) -> Target:
    """Return the target of an output for one source.

    ``size`` is that after the ``shared`` steps, None if only pixels can tell; ``origin`` is
    the format of the source. Raises RecipeError or EncodeError.
    """
    chain = parse_steps(output.steps)
    steps = effective_steps(size, chain) if size else chain
    encoder = _encoder(output, shared + chain, origin)
    encoder, thrift = direct(encoder, shared + chain, output.encoder or ())
    return Target(output, steps, encoder, encoder, thrift)


def direct(
    encoder: Encoder, chain: tuple[Operation, ...], said: Iterable[str] = ()
) -> tuple[Encoder, Thrift | None]:
    """Return an encoder as the last ``optimize`` of a chain has it, and what that asks for.

    Options of the encoder that are ``said``, or not at their defaults, count more.
    """
    step = chain_optimize(chain)
    return step.direct(encoder, {*said, *encoder.fields()}) if step else (encoder, None)


def _is_idle(output: Output, size: Size | None) -> bool:
    """Tell whether one of several widths is no smaller than most of the picture there is.

    The largest of them stands in for it: no wider than the picture, but made in any case.
    """
    if size is None or not output.widths:
        return False
    *before, last = parse_steps(output.steps)
    room = outline_steps(size, tuple(before))
    width = last.fields()["width"]
    return room is not None and _CLOSE * room.width <= width < max(output.widths)


def _encoder(output: Output, chain: tuple[Operation, ...], origin: str) -> Encoder:
    """Take the output's own encoder, else the chain's last ``convert``, else the source's.

    ``original`` with options is the source's format with those of the options that it knows.
    """
    if output.encoder is None:
        return chain_encoder(chain) or encoder_for(origin)
    if output.encoder.get("format") != ORIGINAL:
        return parse_encoder(output.encoder)
    known = encoder_for(origin).options()
    options = {key: value for key, value in output.encoder.items() if key in known}
    return parse_encoder({**mend(origin, options, tuple(options)), "format": origin})


def mend(name: str, options: Mapping[str, Any], weak: Iterable[str]) -> dict[str, Any]:
    """Leave out those ``weak`` options, the weakest first, that break a rule of a format.

    They were said for several formats at once, and do not fit this one.
    """
    mended = dict(options)
    for key in weak:
        without = {other: mended[other] for other in mended if other != key}
        if _broken(name, without) < _broken(name, mended):
            mended = without
    return mended


def _broken(name: str, options: Mapping[str, Any]) -> int:
    """Count the rules that do not hold."""
    return sum(rule.broken(options) is not None for rule in FORMATS[name].rules)
