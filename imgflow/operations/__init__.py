"""Operations: one module each, listed here by name, and nowhere else."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from imgflow.errors import RecipeError
from imgflow.operations.adjust import Adjust
from imgflow.operations.blur import Blur
from imgflow.operations.convert import Convert
from imgflow.operations.crop import Crop
from imgflow.operations.flatten import Flatten
from imgflow.operations.flip import Flip
from imgflow.operations.flop import Flop
from imgflow.operations.grayscale import Grayscale
from imgflow.operations.metadata import Metadata
from imgflow.operations.operation import Operation
from imgflow.operations.optimize import Optimize
from imgflow.operations.overlay import Overlay
from imgflow.operations.pad import Pad
from imgflow.operations.resize import Resize
from imgflow.operations.rotate import Rotate
from imgflow.operations.round import Round
from imgflow.operations.sharpen import Sharpen
from imgflow.operations.text import Text
from imgflow.operations.trim import Trim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.encoders import Encoder
    from imgflow.frames import Picture
    from imgflow.geometry import Size

__all__ = [
    "OPERATIONS",
    "Operation",
    "apply_steps",
    "chain_encoder",
    "chain_optimize",
    "effective_steps",
    "largest_shrink",
    "outline_steps",
    "parse_steps",
]

OPERATIONS: dict[str, type[Operation]] = {
    "adjust": Adjust,
    "blur": Blur,
    "convert": Convert,
    "crop": Crop,
    "flatten": Flatten,
    "flip": Flip,
    "flop": Flop,
    "grayscale": Grayscale,
    "metadata": Metadata,
    "optimize": Optimize,
    "overlay": Overlay,
    "pad": Pad,
    "resize": Resize,
    "rotate": Rotate,
    "round": Round,
    "sharpen": Sharpen,
    "text": Text,
    "trim": Trim,
}


def parse_steps(chain: Iterable[Mapping[str, Any]]) -> tuple[Operation, ...]:
    """Build the steps of a chain; raises RecipeError naming the step at fault."""
    return tuple(_parse_step(index, fields) for index, fields in enumerate(chain))


def apply_steps(picture: Picture, steps: Iterable[Operation]) -> Picture:
    """Run a picture through steps, in their order."""
    for step in steps:
        picture = step.apply(picture)
    return picture


def effective_steps(size: Size, steps: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return what steps come to for a picture of some size: idle ones are left out.

    Once only pixels can tell the size, the rest is taken as it stands.
    """
    effective: list[Operation] = []
    known: Size | None = size
    for step in steps:
        effect = step.effect(known) if known else step
        if effect is not None:
            effective.append(effect)
            known = step.outline(known) if known else None
    return tuple(effective)


def outline_steps(size: Size, steps: Iterable[Operation]) -> Size | None:
    """Return the size after some steps, or None if only the pixels can tell."""
    for step in steps:
        after = step.outline(size)
        if after is None:
            return None
        size = after
    return size


def largest_shrink(size: Size, steps: Iterable[Operation]) -> float:
    """Return by how much a source may be reduced while it is decoded, for these steps.

    Steps that do not mind are passed over; the first resize says how far to go; any
    other step that looks at pixels wants them all.
    """
    factor = float("inf")
    for step in steps:
        factor = min(factor, step.shrink(size))
        if step.rescales:
            return factor
        after = step.outline(size)
        if factor == 1 or after is None:
            return 1.0
        size = after
    return 1.0


def chain_encoder(steps: Iterable[Operation]) -> Encoder | None:
    """Return the encoder that the last ``convert`` of a chain asks for, if there is one."""
    converts = [step for step in steps if isinstance(step, Convert)]
    return converts[-1].encoder if converts else None


def chain_optimize(steps: Iterable[Operation]) -> Optimize | None:
    """Return the last ``optimize`` of a chain, if there is one."""
    return next((step for step in reversed(tuple(steps)) if isinstance(step, Optimize)), None)


def _parse_step(index: int, fields: Mapping[str, Any]) -> Operation:
    if not isinstance(fields, Mapping):
        message = f"steps[{index}]: expected a mapping like {{'op': 'flip'}}, found {fields!r}"
        raise RecipeError(message, code="bad-parameter")
    name = fields.get("op")
    if not isinstance(name, str) or name not in OPERATIONS:
        close = difflib.get_close_matches(str(name), OPERATIONS, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(OPERATIONS)}"
        message = f"steps[{index}]: unknown operation {name!r}; {advice}"
        raise RecipeError(message, code="unknown-operation")
    try:
        return OPERATIONS[name].parse(fields)
    except RecipeError as error:
        message = f"steps[{index}]: {error.message}"
        raise RecipeError(message, code=error.code) from error
