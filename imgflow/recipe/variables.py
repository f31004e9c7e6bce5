"""The vars of a recipe: their values, and where they are filled in."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from imgflow.errors import RecipeError
from imgflow.operations import parse_steps
from imgflow.recipe.diagnose import diagnose
from imgflow.recipe.findings import did_you_mean
from imgflow.recipe.places import Keys, Place
from imgflow.recipe.schema import step_schema
from imgflow.template import Field, TemplateError, parse_template
from imgflow.uris import output_fault, scheme_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.resolve import Resolved

#: The var that ``--out`` sets.
OUT = "out"
_GLOB_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")


def set_variables(recipe: Resolved, sets: Mapping[str, str], out: str | None) -> dict[str, str]:
    """Return the values of all vars, after ``--set`` and ``--out``, and check them."""
    if out is not None:
        _check_out(out, recipe.findings.at({(): Place("--out")}))
    declared = recipe.data.get("vars")
    known: dict[str, Any] = declared if isinstance(declared, dict) else {}
    values = {name: _text(value) for name, value in known.items()}
    given = {**sets, **({OUT: _folder(out)} if out is not None and OUT in values else {})}
    for name, value in given.items():
        option = "--out" if name == OUT and out is not None else "--set"
        recipe.places["vars", name] = Place(option)
        if name not in known:
            hint = did_you_mean(name, known) or "the recipe has no vars"
            recipe.findings.report(
                "unknown-var", ("vars", name), f"unknown var '{name}'", hint=hint
            )
        else:
            values[name] = value
            known[name] = value
    for name, value in values.items():
        if name != OUT or out is None:
            _check_value(recipe.findings, ("vars", name), value)
    return values


def _fill_text(text: str, values: Mapping[str, str], keys: Keys, findings: Findings) -> str:
    """Fill vars into a text of a step; reports fields that are no vars."""
    try:
        template = parse_template(text)
    except TemplateError as error:
        findings.report(error.code, keys, error.message, offset=error.at)
        return text
    unknown = [part for part in template.parts if isinstance(part, Field)]
    unknown = [field for field in unknown if field.name not in values]
    for field in unknown:
        hint = did_you_mean(field.name, values) or "the recipe has no vars"
        findings.report(
            "unknown-var", keys, f"unknown var '{field.name}'", hint=hint, offset=field.at
        )
    if unknown:
        return text
    parts = (part if isinstance(part, str) else values[part.name] for part in template.parts)
    return "".join(parts)


def fill_glob(text: str, values: Mapping[str, str], keys: Keys, findings: Findings) -> str:
    """Fill vars into a path or pattern of inputs, where ``{a,b}`` means either."""
    filled, end = "", 0
    for match in _GLOB_FIELD.finditer(text):
        name = match.group(1)
        if name not in values:
            hint = did_you_mean(name, values) or "the recipe has no vars"
            findings.report(
                "unknown-var", keys, f"unknown var '{name}'", hint=hint, offset=match.start()
            )
        filled += text[end : match.start()] + values.get(name, "")
        end = match.end()
    return filled + text[end:]


def fill_steps(
    steps: list[dict[str, Any]], values: Mapping[str, str], keys: Keys, findings: Findings
) -> tuple[dict[str, Any], ...]:
    """Fill vars into the texts of steps: file names, captions.

    A parameter that takes a brace at all takes any text: others have words or a pattern.
    """
    return tuple(_fill_step(step, values, (*keys, at), findings) for at, step in enumerate(steps))


def _fill_step(
    step: dict[str, Any], values: Mapping[str, str], keys: Keys, findings: Findings
) -> dict[str, Any]:
    filled = {
        name: _fill_text(value, values, (*keys, name), findings)
        if isinstance(value, str) and ("{" in value or "}" in value)
        else value
        for name, value in step.items()
    }
    if filled != step:
        try:
            parse_steps([filled])
        except RecipeError:
            schema = step_schema()
            diagnose(filled, schema, findings, lambda inner: (*keys, *inner))
    return filled


def _text(value: Any) -> str:  # noqa: ANN401
    return value if isinstance(value, str) else str(value)


def _folder(out: str) -> str:
    return os.path.expanduser(out).replace(os.sep, "/").rstrip("/") or "/"


def _check_out(out: str, findings: Findings) -> None:
    if not out:
        message, hint = "expected a folder, found an empty name", "write . for this one"
        findings.report("bad-out", (), message, hint=hint)
    elif scheme_of(out):
        if fault := output_fault(f"{out.rstrip('/')}/"):
            findings.report("bad-out", (), f"{fault[0]}, found '{out}'", hint=fault[1])
    elif os.path.isfile(os.path.expanduser(out)):
        findings.report("bad-out", (), f"expected a folder, found the file {out}")


def _check_value(findings: Findings, keys: Keys, value: str) -> None:
    if ".." in value.split("/"):
        message = f"expected a path that does not climb, found '..' in '{value}'"
        findings.report("path-escapes", keys, message, hint="name the folder in full")
    elif "{" in value or "}" in value:
        message = f"expected plain text, found a brace in '{value}'"
        findings.report("bad-var", keys, message, hint="vars are not filled into vars")
    elif value.startswith("~"):
        message = f"expected a folder, found '{value}', where '~' is not expanded"
        findings.report("bad-var", keys, message, hint="name the folder in full")
