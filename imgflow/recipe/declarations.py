"""JSON Schemas of operations, formats and keys, read from their typed declarations."""

from __future__ import annotations

import functools
import inspect
import typing
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.encoders import Encoder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.rules import Rule

    Schema = dict[str, Any]

REFERENCE = "#/definitions/{name}"
#: What explains a schema, and does not bind values.
_PROSE = {"title", "description", "default", "examples"}


def declared_schema(cls: type[msgspec.Struct], title: str) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a Struct, and those of the Structs inside it by name.

    ``null`` alternatives are gone: in a recipe, a key without a value is a slip.
    """
    _, components = msgspec.json.schema_components([cls], ref_template=REFERENCE)
    schemas = {name: {**tidy(schema), "title": name.lower()} for name, schema in components.items()}
    schema = schemas.pop(cls.__name__)
    return {**schema, "title": title, "description": describe_class(cls)}, schemas


def inlined(schema: Any, definitions: dict[str, Schema]) -> Any:  # noqa: ANN401
    """Return a schema with those that it refers to in their places."""
    if isinstance(schema, list):
        return [inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name in definitions:
        return definitions[name]
    return {key: inlined(value, definitions) for key, value in schema.items()}


def flat_encoder(cls: type[msgspec.Struct]) -> str | None:
    """Return the name of the field that holds an encoder, written flat in a recipe."""
    for name, hint in _hints(cls).items():
        if hint is Encoder:
            return name
    return None


def describe_class(cls: type) -> str:
    """Return the docstring, one line a paragraph."""
    paragraphs = (inspect.getdoc(cls) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def with_rules(schema: Schema, rules: Iterable[Rule]) -> Schema:
    """Return a schema that holds rules between keys as well."""
    conditions = [rule.schema() for rule in rules]
    return {**schema, "allOf": [*schema.get("allOf", []), *conditions]} if conditions else schema


def union(schemas: Iterable[Schema]) -> Schema:
    """Return a schema of the values that any of some schemas takes.

    Ranges of numbers are taken to overlap.
    """
    plain: list[Schema] = []
    for schema in schemas:
        for branch in schema.get("anyOf", [schema]):
            kept = {"examples"} if "pattern" in branch else set()
            bare = {key: value for key, value in branch.items() if key not in _PROSE - kept}
            if bare not in plain:
                plain.append(bare)
    words = [word for branch in plain for word in branch.get("enum", ())]
    merged = [branch for branch in plain if _kind(branch) is None]
    numbers = [[one for one in plain if _kind(one) == kind] for kind in ("integer", "number")]
    merged += [_widest(branches) for branches in numbers if branches]
    if words:
        merged.append({"enum": list(dict.fromkeys(words))})
    return merged[0] if len(merged) == 1 else {"anyOf": merged}


def _kind(schema: Schema) -> str | None:
    """Return the kind of schemas that can be made one, None for others."""
    if "enum" in schema:
        return "enum"
    return schema["type"] if schema.get("type") in {"integer", "number"} else None


def _widest(schemas: list[Schema]) -> Schema:
    merged: Schema = {"type": schemas[0]["type"]}
    for bound, outermost in (
        ("minimum", min),
        ("exclusiveMinimum", min),
        ("maximum", max),
        ("exclusiveMaximum", max),
    ):
        if all(bound in schema for schema in schemas):
            merged[bound] = outermost(schema[bound] for schema in schemas)
    return merged


@functools.lru_cache(maxsize=256)
def _hints(cls: type[msgspec.Struct]) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def tidy(schema: Any) -> Any:  # noqa: ANN401
    """Return a schema without `null` alternatives, which a recipe has no use for."""
    if isinstance(schema, list):
        return [tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    clean = {
        key: tidy(value) for key, value in schema.items() if key not in {"default", "examples"}
    }
    clean |= {key: schema[key] for key in ("default", "examples") if schema.get(key) is not None}
    return _without_null(clean) if "anyOf" in clean else clean


def _without_null(schema: Schema) -> Schema:
    kept = [branch for branch in schema["anyOf"] if branch != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(kept) == 1:
        return {**kept[0], **rest}
    prose = {
        key: branch[key] for branch in reversed(kept) for key in ("description",) if key in branch
    }
    bare = [
        {key: value for key, value in branch.items() if key != "description"} for branch in kept
    ]
    return {**prose, "anyOf": bare, **rest}
