"""Words for schemas and values: *a whole number from 1 to 100*, *'abc'*."""

from __future__ import annotations

import json
from typing import Any

#: How much of a text is quoted.
_QUOTED = 40
_WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a mapping",
}


def describe(schema: dict[str, Any]) -> str:
    """Return what a schema takes."""
    if "anyOf" in schema:
        words = dict.fromkeys(describe(branch) for branch in schema["anyOf"])
        if _WORDS["number"] in words:
            words.pop(_WORDS["integer"], None)
        return " or ".join(words)
    if "const" in schema or "enum" in schema:
        words = schema.get("enum", [schema.get("const")])
        shown = [show(word) for word in words]
        return shown[0] if len(shown) == 1 else f"one of {', '.join(shown)}"
    kinds = schema.get("type", "object")
    if isinstance(kinds, list):
        return " or ".join(_WORDS[kind] for kind in kinds)
    return f"{_WORDS[kinds]}{_details(schema, kinds)}"


def _details(schema: dict[str, Any], kind: str) -> str:
    if kind in {"integer", "number"}:
        return _range(schema)
    if kind == "string":
        if "pattern" in schema:
            samples = [show(sample) for sample in schema.get("examples", [])]
            return f" like {' or '.join(samples)}" if samples else f" like {schema['pattern']}"
        return ""
    if kind == "array":
        items = schema.get("items", {})
        several = {"integer": " of whole numbers", "string": " of texts", "number": " of numbers"}
        return several.get(items.get("type"), "")
    if schema.get("examples"):
        return f" like {flow(schema['examples'][0])}"
    sample = {
        key: schema["properties"][key]["examples"][0]
        for key in schema.get("required", ())
        if schema["properties"].get(key, {}).get("examples")
    }
    return f" like {flow(sample)}" if sample else ""


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low:.10g} to {high:.10g}"
    parts = []
    if above is not None:
        parts.append(f"above {above:g}")
    if low is not None:
        parts.append(f"of at least {low:g}")
    if high is not None:
        parts.append(f"of at most {high:.10g}" if above is None else f"at most {high:.10g}")
    if under is not None:
        parts.append(f"below {under:g}")
    return f" {' and '.join(parts)}" if parts else ""


def show(value: Any) -> str:  # noqa: ANN401
    """Return a value as a message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        text = value if len(value) <= _QUOTED else f"{value[:_QUOTED]}..."
        return repr(text)
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    return json.dumps(value)


def flow(value: Any) -> str:  # noqa: ANN401
    """Return a value in YAML's flow style."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str) and (not value or value[0] in "#'\"&*!|>%@`{[-" or ":" in value):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else json.dumps(value)
