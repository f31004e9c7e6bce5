"""From the errors of a JSON Schema validator to problems in our own words.

They are told apart by the schema keyword that failed, never by the text of the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from imgflow.encoders import FORMATS
from imgflow.recipe.findings import did_you_mean
from imgflow.recipe.schema import name_takers, takers
from imgflow.recipe.wording import describe, flow, show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema.exceptions import ValidationError

    from imgflow.recipe.declarations import Schema
    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys

_CODES = {
    "type": "wrong-type",
    "anyOf": "wrong-type",
    "enum": "bad-value",
    "const": "bad-value",
    "pattern": "bad-value",
    "minimum": "out-of-range",
    "maximum": "out-of-range",
    "exclusiveMinimum": "out-of-range",
    "exclusiveMaximum": "out-of-range",
    "minItems": "too-few",
    "maxItems": "too-many",
    "minLength": "empty",
    "uniqueItems": "repeated",
}
#: What is expected, where the type is right.
_EXPECTED = {
    "minItems": "a list with something in it",
    "minLength": "text that is not empty",
    "uniqueItems": "each value once",
}
#: Keywords that tell that a value is of another kind altogether.
_OF_KIND = {"type", "enum", "const"}
_UNKNOWN = {"operation": "unknown-operation", "format": "unknown-format"}
_KINDS = {str: "string", int: "integer", bool: "boolean", float: "number"}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
#: What YAML 1.1 took for true and false.
_SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def diagnose(
    data: Any,  # noqa: ANN401
    schema: Schema,
    findings: Findings,
    locate: Callable[[Keys], Keys] = lambda keys: keys,
    subject: str = "",
) -> None:
    """Report everything in which data differs from a schema.

    ``locate`` turns the path to a value in ``data`` into its path in the recipe. ``subject``
    is added to what was expected: `` for 'webp'``.
    """
    from jsonschema import Draft7Validator

    for error in Draft7Validator(schema).iter_errors(data):
        _Diagnosis(findings, locate, subject).tell(error)


class _Diagnosis:
    """Turns one error of the validator into problems."""

    def __init__(self, findings: Findings, locate: Callable[[Keys], Keys], subject: str) -> None:
        self.findings = findings
        self.subject = subject
        self.locate = locate

    def tell(self, error: ValidationError) -> None:
        keys = self.locate(tuple(error.absolute_path))
        schema, found, keyword = cast("Schema", error.schema), error.instance, str(error.validator)
        if "propertyNames" in error.absolute_schema_path:
            upper = "A-Z" in schema.get("pattern", "")
            self._bad_name(str(found), keys, taken=keyword == "not", upper=upper)
        elif keyword == "additionalProperties":
            self._unknown_keys(schema, found, keys)
        elif keyword == "required":
            self._missing_keys(schema, found, keys)
        elif keyword == "anyOf" and isinstance(found, (list, dict)) and (inner := _nearest(error)):
            for nested in inner:
                self.tell(nested)
        elif self.findings.clean(keys) or isinstance(found, (list, dict)):
            self._bad_value(schema, found, keyword, keys)

    def _unknown_keys(self, schema: Schema, found: Any, keys: Keys) -> None:  # noqa: ANN401
        known = schema["properties"]
        for key in found:
            if key not in known:
                code, message, hint = "unknown-key", f"unknown key '{key}'", ""
                if schema.get("title") in FORMATS and takers(key):
                    code, hint = "option-of-other-format", name_takers(key)
                self.findings.report(
                    code,
                    (*keys, key),
                    f"{message} for '{_title(schema, keys)}'",
                    hint=hint or did_you_mean(key, known),
                    shown=keys,
                    key=True,
                )

    def _missing_keys(self, schema: Schema, found: Any, keys: Keys) -> None:  # noqa: ANN401
        for key in schema["required"]:
            if key not in found:
                message = f"missing key '{key}' for '{_title(schema, keys)}'"
                self.findings.report("missing-key", keys, message, hint=_sample(schema, key))

    def _bad_name(self, name: str, keys: Keys, *, taken: bool, upper: bool) -> None:
        if taken:
            message = f"'{name}' is a field of templates, and cannot be the name of a var"
        else:
            letters = "letters" if upper else "lower case letters"
            message = f"expected a name of {letters}, digits, - and _, found {show(name)}"
        self.findings.report("bad-name", (*keys, name), message, shown=keys, key=True)

    def _bad_value(
        self,
        schema: Schema,
        found: Any,  # noqa: ANN401
        keyword: str,
        keys: Keys,
    ) -> None:
        if isinstance(found, str) and isinstance(schema.get("enum", [None])[0], str):
            self._bad_word(schema, found, keys)
            return
        expected = _EXPECTED.get(keyword) or f"{describe(_narrowed(schema, found))}{self.subject}"
        shown = "one of them twice" if keyword == "uniqueItems" else show(found)
        message = f"expected {expected}, found {shown}"
        code = "missing-value" if found is None else _code(keyword, schema, found)
        self.findings.report(code, keys, message, hint=_advice(schema, found))

    def _bad_word(self, schema: Schema, found: str, keys: Keys) -> None:
        title = schema.get("title", "")
        words = [str(word) for word in schema["enum"]]
        hint = did_you_mean(found, words)
        if title in _UNKNOWN:
            self.findings.report(_UNKNOWN[title], keys, f"unknown {title} {show(found)}", hint=hint)
            return
        message = f"expected {describe(schema)}{self.subject}, found {show(found)}"
        self.findings.report(
            "bad-value", keys, message, hint="" if hint.startswith("one of") else hint
        )


def _code(keyword: str, schema: Schema, found: Any) -> str:  # noqa: ANN401
    """Tell a value of the wrong type from a wrong value of the right type."""
    if keyword == "anyOf":
        kinds = _kinds(schema)
        if isinstance(found, (int, float)) and kinds & {"integer", "number"}:
            return "wrong-type" if isinstance(found, bool) else "out-of-range"
        return "bad-value" if isinstance(found, str) and "string" in kinds else "wrong-type"
    return _CODES.get(keyword, "bad-value")


def _kinds(schema: Schema) -> set[str]:
    """Return the types that a schema takes; words are text."""
    kinds: set[str] = set()
    for branch in schema.get("anyOf", [schema]):
        words = {_KINDS[type(word)] for word in branch.get("enum", ())}
        named = branch.get("type", ())
        kinds.update(words, [named] if isinstance(named, str) else named)
    return kinds


def _narrowed(schema: Schema, found: Any) -> Schema:  # noqa: ANN401
    """Leave out what takes no number where one was found that is out of range."""
    numbers = [one for one in schema.get("anyOf", ()) if one.get("type") in {"integer", "number"}]
    if not numbers or isinstance(found, bool) or not isinstance(found, (int, float)):
        return schema
    return {"anyOf": numbers}


def _nearest(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the one alternative that has the kind of the value, if there is one."""
    branches: dict[int, list[ValidationError]] = {}
    for nested in error.context:
        branches.setdefault(int(nested.schema_path[0]), []).append(nested)
    fitting = [
        errors
        for errors in branches.values()
        if not any(nested.validator in _OF_KIND and not nested.path for nested in errors)
    ]
    return fitting[0] if len(fitting) == 1 else []


def _advice(schema: Schema, found: Any) -> str:  # noqa: ANN401
    """Return what to do about the slips that YAML invites."""
    kinds = _kinds(schema)
    if isinstance(found, str):
        near = did_you_mean(found, _words(schema))
        if near and not near.startswith("one of"):
            return near
        if "boolean" in kinds and found.lower() in _SWITCHES:
            return f"write {_SWITCHES[found.lower()]}"
        if kinds & {"integer", "number"} and _is_number(found):
            return "remove the quotes"
        if "array" in kinds and schema.get("type") == "array":
            return f"write [{found}]"
    elif kinds == {"string"} and not _words(schema) and isinstance(found, (int, float)):
        return "put it in quotes"
    return ""


def _title(schema: Schema, keys: Keys) -> str:
    """Return what a mapping is called; one beside words and numbers has the name of its key."""
    return str(schema.get("title") or keys[-1])


def _words(schema: Schema) -> list[str]:
    branches = (schema, *schema.get("anyOf", ()))
    words = (word for branch in branches for word in branch.get("enum", ()))
    return [word for word in words if isinstance(word, str)]


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _sample(schema: Mapping[str, Any], key: str) -> str:
    """Return what could be written for a missing key."""
    prop = schema.get("properties", {}).get(key, {})
    words = [str(word) for word in prop.get("enum", ())]
    if words:
        return f"one of {', '.join(words)}" if words[1:] else f"write {key}: {words[0]}"
    return f"such as {key}: {flow(prop['examples'][0])}" if prop.get("examples") else ""
