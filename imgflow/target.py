"""One output of a job, for one source: what its steps come to, and how it is encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imgflow.encoders import encoder_for, parse_encoder
from imgflow.operations import chain_encoder, effective_steps, parse_steps

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.geometry import Size
    from imgflow.job import Output
    from imgflow.operations import Operation

#: What stands for the format of the source, in the place of a format's name.
ORIGINAL = "original"


class Target(NamedTuple):
    """An output, its own steps without those that are idle for the source, its encoder."""

    output: Output
    steps: tuple[Operation, ...]
    encoder: Encoder


def aim(output: Output, shared: tuple[Operation, ...], size: Size | None, origin: str) -> Target:
    """Return the target of an output for one source.

    ``size`` is that after the ``shared`` steps, None if only pixels can tell; ``origin`` is
    the format of the source. Raises RecipeError or EncodeError.
    """
    chain = parse_steps(output.steps)
    steps = effective_steps(size, chain) if size else chain
    return Target(output, steps, _encoder(output, shared + chain, origin))


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
    return parse_encoder({**options, "format": origin})
