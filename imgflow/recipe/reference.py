"""What each operation and format takes, as data: for ``imgflow ops`` and the documents."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.encoders import FORMATS
from imgflow.operations import OPERATIONS
from imgflow.recipe.declarations import declared_schema, describe_class, flat_encoder, inlined
from imgflow.recipe.wording import describe

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.operations import Operation
    from imgflow.recipe.declarations import Schema


class Parameter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parameter of an operation, or one option of a format.

    ``accepts`` says type and range in words (``a whole number from 1 to 100``), ``choices``
    are the words it takes, if any. ``default`` is absent where there is none, or where it
    depends on other parameters: ``description`` then says how. Units are in the description.
    """

    name: str
    accepts: str
    description: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An operation or a format: its name, what it does, its parameters, an example step."""

    name: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    example: dict[str, Any] = {}


def operation_reference() -> tuple[Reference, ...]:
    """Return all operations, in the order of their names."""
    return tuple(_operation(name, OPERATIONS[name]) for name in sorted(OPERATIONS))


def format_reference() -> tuple[Reference, ...]:
    """Return all formats that can be written, in the order of their names."""
    return tuple(_format(name, FORMATS[name]) for name in sorted(FORMATS))


@functools.lru_cache(maxsize=64)
def _operation(name: str, cls: type[Operation]) -> Reference:
    parameters = _parameters(cls, {"op", flat_encoder(cls)})
    if flat_encoder(cls):
        named = Parameter(
            name="format",
            accepts=describe({"enum": list(FORMATS)}),
            description="The format to write. Its options may stand beside it.",
            required=True,
            choices=tuple(FORMATS),
            examples=("webp",),
        )
        parameters = (named, *parameters)
    return _reference(name, cls, parameters, cls.example)


@functools.lru_cache(maxsize=64)
def _format(name: str, cls: type[Encoder]) -> Reference:
    return _reference(name, cls, _parameters(cls, {"format"}), {"op": "convert", "format": name})


def _reference(
    name: str, cls: type, parameters: tuple[Parameter, ...], example: dict[str, Any]
) -> Reference:
    description = describe_class(cls)
    return Reference(
        name=name,
        summary=description.split("\n\n", maxsplit=1)[0],
        description=description,
        parameters=parameters,
        example=example,
    )


def _parameters(cls: type[msgspec.Struct], hidden: set[str | None]) -> tuple[Parameter, ...]:
    schema = inlined(*declared_schema(cls, ""))
    return tuple(
        Parameter(
            name=key,
            accepts=describe(prop),
            description=prop.get("description", ""),
            required=key in schema.get("required", ()),
            default=prop.get("default"),
            choices=_choices(prop),
            examples=tuple(prop.get("examples", ())),
        )
        for key, prop in schema["properties"].items()
        if key not in hidden
    )


def _choices(prop: Schema) -> tuple[str, ...]:
    branches = prop.get("anyOf", [prop])
    return tuple(str(word) for branch in branches for word in branch.get("enum", ()))
