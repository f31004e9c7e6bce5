"""Recipes at random: right ones, made from the published schema, and slips in them."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from imgflow.recipe.schema import recipe_schema

SCHEMA = recipe_schema()
WORDS = ["effort", "format", "formats", "lossless", "width", "fit"]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70_000),
    st.floats(-10, 20_000, allow_nan=False).map(lambda value: round(value, 2)),
    st.sampled_from(
        ["", "x", "800", "webp", "jpg", "resize", "original", "lossless", "16:9", "50%"]
    ),
    st.sampled_from(
        [[], [1], ["webp", "jpeg"], {}, {"op": "flip"}, {"format": "webp"}, {"keep": []}]
    ),
)


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    if "$ref" in schema:
        return resolve(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]])
    return schema


@st.composite
def values(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    """Draw a value that a schema takes, or nearly so: patterns are met by its examples."""
    schema = resolve(schema)
    if "anyOf" in schema and "type" not in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if "enum" in schema or "const" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    kind = schema.get("type", "object")
    if kind == "array":
        size = st.integers(schema.get("minItems", 0), 3)
        items = [draw(values(schema.get("items", {}))) for _ in range(draw(size))]
        return items if not schema.get("uniqueItems") else sorted(set(items))
    return draw(mappings(schema) if "object" in kind else scalars(schema))


def scalars(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw truth, text or a number."""
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "string":
        return st.sampled_from([str(sample) for sample in schema.get("examples") or ["text"]])
    low = schema.get("minimum", schema.get("exclusiveMinimum", -100))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 1000))
    whole = st.integers(int(low), int(high))
    return whole if schema["type"] == "integer" else st.one_of(whole, st.just((low + high) / 2))


@st.composite
def mappings(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    """Draw some of the keys that a mapping may have, and all that it must have."""
    properties = schema.get("properties", {})
    for key in ("op", "format"):
        branches = [branch for branch in schema.get("allOf", []) if key in required_if(branch)]
        if branches and key in schema.get("required", []):
            branch = draw(st.sampled_from(branches))
            word = draw(st.sampled_from(branch["if"]["properties"][key]["enum"]))
            inner = draw(mappings(resolve(branch["then"])))
            return {**inner, key: word}
    required = schema.get("required", [])
    optional = [key for key in properties if key not in required]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=3)) if optional else []
    keys = [key for key in dict.fromkeys([*required, *chosen]) if key in properties]
    return {key: draw(values(properties[key])) for key in keys}


def required_if(branch: dict[str, Any]) -> list[str]:
    """Return the keys that a condition asks for."""
    found: list[str] = branch.get("if", {}).get("required", [])
    return found


@st.composite
def recipes(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a recipe that is right, or wrong only in rules between keys."""
    steps = st.lists(values(SCHEMA["definitions"]["step"]), max_size=2)
    outputs = draw(st.lists(values(SCHEMA["definitions"]["output"]), min_size=1, max_size=2))
    for at, output in enumerate(outputs):
        output["path"] = f"o/{at}/{{stem}}-{{hash}}.{{ext}}"
    recipe = {"version": 1, "outputs": outputs, "steps": draw(steps)}
    if draw(st.booleans()):
        recipe["defaults"] = draw(mappings(SCHEMA["definitions"]["defaults"]))
    if draw(st.booleans()):
        recipe["inputs"] = draw(mappings(SCHEMA["definitions"]["inputs"]))
    if draw(st.booleans()):
        recipe["budgets"] = draw(mappings(SCHEMA["definitions"]["budgets"]))
    if draw(st.booleans()):
        override = mappings(SCHEMA["definitions"]["override"])
        recipe["overrides"] = draw(st.lists(override, min_size=1, max_size=2))
    return recipe


@st.composite
def slips(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a recipe with one value, key or word changed."""
    recipe = copy.deepcopy(draw(recipes()))
    holders = list(walk(recipe))
    holder = draw(st.sampled_from(holders))
    if isinstance(holder, dict):
        keys = sorted(holder)
        action = draw(st.sampled_from(["change", "remove", "add", "rename"]))
        key = draw(st.sampled_from([*keys, "quality"]))
        if action == "remove":
            holder.pop(key, None)
        elif action == "rename" and key in holder:
            holder[f"{key}s"] = holder.pop(key)
        elif action == "add":
            name = draw(
                st.sampled_from(["effort", "format", "formats", "lossless", "width", "fit"])
            )
            holder[name] = draw(JUNK)
        else:
            holder[key] = draw(JUNK)
    elif holder and draw(st.booleans()):
        holder[draw(st.integers(0, len(holder) - 1))] = draw(JUNK)
    else:
        holder.append(draw(JUNK))
    return recipe


def walk(value: Any) -> Any:
    """Yield all mappings and lists in a value."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        yield value
        for item in value:
            yield from walk(item)
