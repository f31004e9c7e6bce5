"""Is a document made as a recipe is: known keys, right types, rules between keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.encoders import ALIASES, FORMATS
from imgflow.operations import OPERATIONS
from imgflow.recipe.declarations import flat_encoder
from imgflow.recipe.diagnose import diagnose
from imgflow.recipe.keys import DefaultKeys, OutputKeys, RecipeKeys
from imgflow.recipe.object_keys import ObjectKeys
from imgflow.recipe.override_keys import OverrideKeys, SidecarKeys
from imgflow.recipe.schema import recipe_schema, sidecar_schema
from imgflow.recipe.typed import misfit, sidecar_misfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.recipe.document import Document
    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys
    from imgflow.rules import Rule

    _Ruled = tuple[Keys, Any, tuple[Rule, ...]]


def check_structure(document: Document, *, complete: bool) -> None:
    """Report all faults of one document, by itself, to its findings.

    ``complete`` asks for outputs: a recipe that others extend may do without.
    """
    data, findings = document.data, document.findings
    fault = misfit(data, complete=complete)
    if not fault:
        return
    diagnose(data, recipe_schema(rules=False), findings)
    _check_all(_ruled(data, complete=complete), findings, fault)


def check_sidecar(document: Document) -> None:
    """Report all faults of a file beside a source to its findings."""
    data, findings = document.data, document.findings
    if fault := sidecar_misfit(data):
        diagnose(data, sidecar_schema(rules=False), findings)
        _check_all(_ruled_formats(data, (), SidecarKeys.rules), findings, fault)


def _check_all(ruled: Iterable[_Ruled], findings: Findings, fault: str) -> None:
    """Report the rules that do not hold, and the ``fault`` if nobody has words for it."""
    for keys, fields, rules in ruled:
        if isinstance(fields, dict) and findings.sound(keys):
            check_rules(rules, fields, keys, findings)
    if not findings.errors:
        findings.report("not-understood", (), fault)


def check_rules(
    rules: Iterable[Rule], fields: dict[str, Any], keys: Keys, findings: Findings
) -> None:
    """Report the rules that do not hold between the keys of a mapping."""
    for rule in rules:
        if broken := rule.broken(fields):
            at = keys if broken.key is None else (*keys, broken.key)
            code = "missing-key" if broken.key is None else "keys-disagree"
            findings.report(code, at, broken.message, shown=keys, key=broken.key is not None)


def rules_of_step(fields: dict[str, Any]) -> tuple[Rule, ...]:
    """Return the rules of an operation, and of the format that it may name."""
    operation = OPERATIONS.get(str(fields.get("op")))
    if operation is None:
        return ()
    return (*operation.rules, *(rules_of_format(fields) if flat_encoder(operation) else ()))


def rules_of_format(fields: dict[str, Any]) -> tuple[Rule, ...]:
    """Return the rules of the format that a mapping names."""
    name = str(fields.get("format"))
    encoder = FORMATS.get(ALIASES.get(name, name))
    return encoder.rules if encoder else ()


def _ruled(data: dict[str, Any], *, complete: bool) -> Iterator[_Ruled]:
    """Yield every mapping of a recipe that has rules, with its path."""
    if complete:
        yield (), data, RecipeKeys.rules
    yield from _ruled_steps(data, ())
    yield from _ruled_formats(data.get("defaults"), ("defaults",), DefaultKeys.rules)
    for at, output in enumerate(_list(data.get("outputs"))):
        keys: Keys = ("outputs", at)
        yield from _ruled_formats(output, keys, OutputKeys.rules)
        if isinstance(output, dict):
            yield from _ruled_steps(output, keys)
    for at, override in enumerate(_list(data.get("overrides"))):
        yield from _ruled_formats(override, ("overrides", at), OverrideKeys.rules)


def _ruled_steps(fields: dict[str, Any], keys: Keys) -> Iterator[_Ruled]:
    for at, step in enumerate(_list(fields.get("steps"))):
        if isinstance(step, dict):
            yield (*keys, "steps", at), step, rules_of_step(step)


def _ruled_formats(
    fields: Any,  # noqa: ANN401
    keys: Keys,
    rules: tuple[Rule, ...],
) -> Iterator[_Ruled]:
    if not isinstance(fields, dict):
        return
    yield keys, fields, rules
    yield (*keys, "object"), fields.get("object"), ObjectKeys.rules
    for at, item in enumerate(_list(fields.get("formats"))):
        if isinstance(item, dict):
            yield (*keys, "formats", at), item, rules_of_format(item)


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else []
