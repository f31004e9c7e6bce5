"""From JSON Schema as editors like it (draft-07) to the dialect of OpenAPI (2020-12).

Alternatives that are told apart by ``if`` and ``then`` become those of ``oneOf``, which the
tools around OpenAPI understand.
"""

from __future__ import annotations

from typing import Any

REFERENCE = "#/components/schemas/{name}"
_NAMES: dict[str, str] = {"dependencies": "dependentRequired"}


def modernised(schema: Any) -> Any:  # noqa: ANN401
    """Return a schema, or schemas by name, whose definitions are components of a document."""
    if isinstance(schema, list):
        return [modernised(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed: dict[str, Any] = {
        _NAMES.get(key, str(key)): modernised(value) for key, value in schema.items()
    }
    reference = changed.get("$ref")
    if isinstance(reference, str):
        changed["$ref"] = REFERENCE.format(name=reference.rpartition("/")[2])
    if _is_conditional(changed):
        return _either(changed)
    branches = changed.get("allOf")
    if isinstance(branches, list) and branches and all(map(_is_branch, branches)):
        return _one_of(changed, [branch["then"] for branch in branches])
    return changed


def _is_conditional(schema: dict[str, Any]) -> bool:
    """Tell a schema whose ``if`` asks for nothing but a type."""
    return {"if", "then", "else"} <= schema.keys() and schema["if"].keys() == {"type"}


def _is_branch(schema: dict[str, Any]) -> bool:
    return schema.keys() == {"if", "then"}


def _either(schema: dict[str, Any]) -> dict[str, Any]:
    rest = {key: schema[key] for key in schema.keys() - {"if", "then", "else", "type"}}
    other = schema["else"]
    if not {"$ref", "enum", "type"} & other.keys():
        other = {"type": "string", **other}
    return {**rest, "oneOf": [schema["then"], other]}


def _one_of(schema: dict[str, Any], choices: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the alternatives; if each has a name, with the key that tells which it is."""
    rest = {key: value for key, value in schema.items() if key not in {"allOf", "properties"}}
    properties = schema.get("properties", {})
    if not all(choice.keys() == {"$ref"} for choice in choices):
        return {**rest, "properties": properties, "oneOf": choices}
    (key,) = properties
    references = [choice["$ref"] for choice in choices]
    names = {reference.partition("-")[2]: reference for reference in references}
    discriminator = {"propertyName": key, "mapping": names}
    return {**rest, "oneOf": choices, "discriminator": discriminator}
