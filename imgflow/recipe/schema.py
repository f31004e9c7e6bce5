"""The JSON Schema of recipes, built from the tables of operations and encoders.

A step is told apart by ``if``/``then`` on its ``op``, a format by ``format``, so that any
validator reports the fault itself, and not that none of twenty alternatives fits.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from imgflow.encoders import ALIASES, FORMAT_NAMES, FORMATS, formats_with
from imgflow.operations import OPERATIONS
from imgflow.recipe.budget_keys import BudgetKeys
from imgflow.recipe.declarations import (
    REFERENCE,
    declared_schema,
    flat_encoder,
    inlined,
    union,
    with_rules,
)
from imgflow.recipe.keys import DefaultKeys, InputKeys, OutputKeys, RecipeKeys
from imgflow.recipe.object_keys import ObjectKeys
from imgflow.recipe.override_keys import OverrideKeys, SidecarKeys
from imgflow.rules import listed
from imgflow.target import ORIGINAL
from imgflow.template import FIELDS

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.operations import Operation
    from imgflow.recipe.declarations import Schema
    from imgflow.recipe.keys import Keys

DRAFT = "http://json-schema.org/draft-07/schema#"


@functools.lru_cache(maxsize=2)
def recipe_schema(*, rules: bool = True) -> Schema:
    """Return the schema of a recipe; treat it as read-only.

    Without ``rules`` it says nothing about keys that depend on each other: those have
    messages of their own.
    """
    root, extra = _keys_schema(RecipeKeys, "recipe", rules=rules)
    properties = root["properties"]
    for name in ("inputs", "defaults", "budgets"):
        properties[name] = {"$ref": REFERENCE.format(name=name)}
    properties["vars"]["propertyNames"] |= {"not": {"enum": sorted(FIELDS)}}
    definitions = extra
    for name, cls in (("inputs", InputKeys), ("budgets", BudgetKeys), ("object", ObjectKeys)):
        definitions[name], more = _keys_schema(cls, name, rules=rules)
        definitions |= more
    for name, kind in (
        ("output", OutputKeys),
        ("defaults", DefaultKeys),
        ("override", OverrideKeys),
    ):
        definitions[name], more = _options_schema(kind, name, rules=rules)
        definitions |= more
    definitions |= step_definitions(rules=rules)
    schema = {"$schema": DRAFT, **root, "definitions": dict(sorted(definitions.items()))}
    return _for_editors({**schema, "title": "imgflow recipe"}) if rules else schema


@functools.lru_cache(maxsize=2)
def sidecar_schema(*, rules: bool = True) -> Schema:
    """Return the schema of a file beside a source; treat it as read-only. See recipe_schema."""
    root, definitions = _options_schema(SidecarKeys, "sidecar", rules=rules)
    known = step_definitions(rules=rules)
    definitions |= {name: known[name] for name in known if name.startswith("format")}
    definitions["object"], more = _keys_schema(ObjectKeys, "object", rules=rules)
    definitions |= more
    schema = {"$schema": DRAFT, **root, "definitions": dict(sorted(definitions.items()))}
    return _for_editors({**schema, "title": "imgflow sidecar"}) if rules else schema


def _for_editors(schema: Any) -> Any:  # noqa: ANN401
    """Leave out examples that are mappings: editors offer them as ``[object Object]``."""
    if isinstance(schema, list):
        return [_for_editors(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    samples = schema.get("examples")
    if isinstance(samples, list) and any(isinstance(sample, dict) for sample in samples):
        kept = [sample for sample in samples if not isinstance(sample, dict)]
        schema = {key: value for key, value in schema.items() if key != "examples"}
        schema |= {"examples": kept} if kept else {}
    return {key: _for_editors(value) for key, value in schema.items()}


def step_definitions(*, rules: bool = True) -> dict[str, Schema]:
    """Return the definitions of ``step``, of ``format``, and of all that they refer to."""
    definitions: dict[str, Schema] = {}
    for name, operation in OPERATIONS.items():
        schema, extra = _operation_schema(name, operation, rules=rules)
        definitions |= {**extra, f"step-{name}": schema}
    for name, encoder in FORMATS.items():
        definitions[f"format-{name}"] = encoder_schema(name, encoder, rules=rules)
    definitions["step"] = {
        "title": "step",
        "description": "One operation with its parameters.",
        "examples": [{"op": "resize", "width": 1200}],
        **_choice("op", "operation", OPERATIONS, "step-"),
    }
    options = _choice("format", "format", FORMATS, "format-")
    options["properties"]["format"]["enum"] = list(FORMAT_NAMES)
    definitions["format"] = {
        "title": "format",
        "description": "A format's name, or a format with options for it alone.",
        "examples": ["webp", {"format": "webp", "quality": 70}],
        "type": ["string", "object"],
        "if": {"type": "object"},
        "then": {"$ref": REFERENCE.format(name="format-options")},
        "else": format_name(),
    }
    definitions["format-options"] = {"title": "format", **options}
    return definitions


def step_schema() -> Schema:
    """Return the schema of one step, without the rules between its keys."""
    return {"$ref": REFERENCE.format(name="step"), "definitions": step_definitions(rules=False)}


def format_name() -> Schema:
    """Return the schema of the name of a format, or ``original``."""
    return {"title": "format", "enum": [*FORMAT_NAMES, ORIGINAL]}


def spellings(name: str) -> list[str]:
    """Return all names of a format, the usual one first."""
    return [name, *(alias for alias, meant in ALIASES.items() if meant == name)]


@functools.lru_cache(maxsize=32)
def options_of(name: str) -> dict[str, Schema]:
    """Return the schemas of the options of a format, by key."""
    schema = encoder_schema(name, FORMATS[name], rules=False)
    return {key: value for key, value in schema["properties"].items() if key != "format"}


def takers(option: str) -> list[str]:
    """Return the formats that know an option."""
    return list(formats_with(option))


def name_takers(option: str) -> str:
    """Return ``'avif' and 'webp' know it``."""
    names = tuple(takers(option))
    return f"{listed(names, 'and')} {'know' if names[1:] else 'knows'} it"


@functools.lru_cache(maxsize=1)
def option_names() -> tuple[str, ...]:
    """Return the options of all formats, each once."""
    return tuple(
        dict.fromkeys(option for encoder in FORMATS.values() for option in encoder.options())
    )


def encoder_schema(name: str, cls: type[Encoder], *, rules: bool = True) -> Schema:
    """Return the schema of a format with its options."""
    schema: Schema = inlined(*declared_schema(cls, name))
    schema["properties"]["format"] = {"enum": spellings(name)}
    return with_rules(schema, cls.rules) if rules else schema


def _operation_schema(
    name: str, cls: type[Operation], *, rules: bool
) -> tuple[Schema, dict[str, Schema]]:
    schema, extra = declared_schema(cls, name)
    schema["properties"]["op"] = {"const": name}
    schema["examples"] = [cls.example]
    if rules:
        schema = with_rules(schema, cls.rules)
    if field := flat_encoder(cls):
        return _flattened(schema, field, rules=rules), extra
    return schema, extra


def _flattened(schema: Schema, field: str, *, rules: bool) -> Schema:
    """Put the options of formats beside the parameters of an operation."""
    properties = {key: value for key, value in schema["properties"].items() if key != field}
    branches = []
    for name, encoder in FORMATS.items():
        options = encoder_schema(name, encoder, rules=rules)
        names_only: Schema = {key: {} for key in properties}
        then = {**options, "properties": {**names_only, **options["properties"]}}
        branches.append(_branch("format", name, then))
    required = [*(key for key in schema["required"] if key != field), "format"]
    names = {"title": "format", "description": "The format.", "enum": list(FORMAT_NAMES)}
    return {
        **{key: value for key, value in schema.items() if key != "additionalProperties"},
        "properties": {**properties, "format": names},
        "required": required,
        "allOf": [*schema.get("allOf", []), *branches],
    }


def _options_schema(
    cls: type[DefaultKeys], title: str, *, rules: bool
) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of keys beside which options of formats stand."""
    schema, extra = _keys_schema(cls, title, rules=rules)
    schema["properties"]["object"] = {"$ref": REFERENCE.format(name="object")}
    _add_formats(schema)
    if rules and cls is OutputKeys:
        schema["allOf"] = [*schema.get("allOf", []), *_bind_options()]
    return schema, extra


def _keys_schema(
    cls: type[Keys | ObjectKeys | BudgetKeys], title: str, *, rules: bool
) -> tuple[Schema, dict[str, Schema]]:
    schema, extra = declared_schema(cls, title)
    for named in (InputKeys, ObjectKeys, BudgetKeys):
        extra.pop(named.__name__, None)
    return (with_rules(schema, cls.rules) if rules else schema), extra


def _add_formats(schema: Schema) -> None:
    """Name the formats, and put their options beside the other keys."""
    properties = schema["properties"]
    properties["format"] = {**properties["format"], **format_name()}
    properties["format"].pop("type")
    for option in option_names():
        properties[option] = _merged_option(option)


def _merged_option(option: str) -> Schema:
    """Return what an option looks like where it is not known for which format it is."""
    schemas = {name: options_of(name)[option] for name in takers(option)}
    texts = {name: schema.get("description", "") for name, schema in schemas.items()}
    if len(set(texts.values())) == 1:
        description = f"{next(iter(texts.values()))} ({', '.join(texts)})".strip()
    else:
        description = "\n\n".join(f"{name}: {text}" for name, text in texts.items())
    return {"description": description, **union(schemas.values())}


def _bind_options() -> list[Schema]:
    """Say what an option must be for the formats that an output names."""
    conditions = []
    for name in FORMATS:
        known = options_of(name)
        alone: dict[str, Any] = {option: known.get(option, False) for option in option_names()}
        among = {
            option: schema
            for option, schema in known.items()
            if union([schema]) != union(options_of(taker)[option] for taker in takers(option))
        }
        conditions.append(_branch("format", name, {"properties": alone}))
        if among:
            listed = {
                "required": ["formats"],
                "properties": {"formats": {"contains": {"enum": spellings(name)}}},
            }
            conditions.append({"if": listed, "then": {"properties": among}})
    return conditions


def _choice(key: str, title: str, names: Any, prefix: str) -> Schema:  # noqa: ANN401
    reference = REFERENCE.format(name=prefix)
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"title": title, "enum": list(names)}},
        "allOf": [_branch(key, name, {"$ref": f"{reference}{name}"}) for name in names],
    }


def _branch(key: str, value: str, then: Schema) -> Schema:
    words = spellings(value) if key == "format" else [value]
    return {"if": {"required": [key], "properties": {key: {"enum": words}}}, "then": then}
